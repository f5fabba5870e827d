// Bounds of the core's limits.h that these flows know.

export const BODY_BYTES_MAX = 2 << 20;
export const BATCH_BODY_BYTES_MAX = 10 << 20;
export const PAYLOAD_BYTES_MAX = 1 << 20;
export const RESULT_BYTES_MAX = 1 << 20;
export const BATCH_JOBS_MAX = 1000;

/** Payloads and results up to this size live in the job's row. */
export const INLINE_BYTES_MAX = 4096;
export const MESSAGE_BYTES_MAX = 100_000;
export const PARAM_BYTES_MAX = 1_900_000;

export const CLOCK_SKEW_MS = 10_000;
export const DELAY_SECONDS_MAX = 86_400;
export const SEND_AHEAD_MS = 120_000;
export const BACKOFF_MS_MAX = 86_400_000;
export const RETRY_AFTER_MS_MAX = 7 * 86_400_000;
export const LOSSES_ALONE = 2;

export const HISTORY_MAX = 50;
export const ERROR_MESSAGE_BYTES_MAX = 2000;
export const FAULTS_MAX = 50;

export const RING_BUCKET_MS = 30_000;
export const RING_BUCKETS = 10;

export const START_AHEAD_MS = 30_000;
export const START_LATE_MS = 1000;
export const RELEASE_ROWS = 500;
export const RELEASE_LOOK = 10;
export const BREAKER_FAILS = 5;
export const BREAKER_OPEN_MS = 60_000;
export const DEPEND_EDGES = 500;
