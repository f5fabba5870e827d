// Every bound of the core, in one place. Units are in the names; sources are in the comments.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice::limits {

// Requests (contract: 413 beyond the first two, 422 beyond the others).
inline constexpr size_t kBodyBytesMax = size_t{2} << 20;
inline constexpr size_t kBatchBodyBytesMax = size_t{10} << 20;
inline constexpr size_t kPayloadBytesMax = size_t{1} << 20;
inline constexpr size_t kResultBytesMax = size_t{1} << 20;
inline constexpr size_t kBatchJobsMax = 1000;
inline constexpr size_t kChatBytesMax = 8000;

// Payloads and results up to this size live in the job's row; longer ones in the side table `bodies`
// (measured: claim and settle cost six times more with 100 KB in the row).
inline constexpr size_t kInlineBytesMax = 4096;

// Queues: a message may hold 128,000 bytes, about 100 of them metadata; ours stop well before.
inline constexpr size_t kMessageBytesMax = 100000;
inline constexpr int64_t kDelaySecondsMax = 86400;  // Queues: 24 h at most
// A job whose time is further away than that is sent by the sweep, so long ahead of its time.
inline constexpr int64_t kSendAheadMs = 120000;
// The n-th delivery of a message that has used up the transport's retries would be dead-lettered by the
// platform, so a job asks for a platform retry only while deliveries are left.

// D1: a bound value may hold 2,000,000 bytes in production; the local simulator takes more.
inline constexpr size_t kParamBytesMax = 1900000;

// Leases and clocks.
inline constexpr int64_t kClockSkewMs = 10000;  // two workers' clocks differ by at most this
inline constexpr int64_t kLossesMax = 3;        // the third lost lease fails the job as poison
// After the second the job runs by itself. A crash loses the leases of a whole batch, most of them of jobs
// that had nothing to do with it: after the first they run together again, and only what crashes twice is set
// apart. From then on only the loss of a lease under which its handler had begun counts.
inline constexpr int64_t kLossesAlone = 2;
static_assert(kLossesAlone < kLossesMax);

// Pulses of one lease that are told apart: a consumer runs 15 minutes at most and waits for D1 on each.
inline constexpr int64_t kPulseMax = (int64_t{1} << 21) - 1;

// History keeps the newest entries.
inline constexpr int64_t kHistoryMax = 50;
inline constexpr size_t kErrorMessageBytesMax = 2000;

// Retry-After and snooze: a wish beyond this is cut to it.
inline constexpr int64_t kRetryAfterMsMax = int64_t{7} * 86400 * 1000;

// Rates: a ring of buckets on the counter row covers the last five minutes.
inline constexpr int64_t kRingBucketMs = 30000;
inline constexpr int64_t kRingBuckets = 10;
static_assert(kRingBucketMs * kRingBuckets == 300000);

// Gates: leases that one may give at once; who is let out of a line by one batch at the most, how far behind
// these it looks for somebody whose other gates have room, and lines that one round of the sweep walks past.
inline constexpr int64_t kConcurrencyMax = 100000;
inline constexpr int64_t kReleaseRows = 500;
inline constexpr int64_t kReleaseLook = 10;
inline constexpr int64_t kSweepLines = 100;
// Rates: starts in one period and the length of that. A claim leases jobs whose turn comes within so long,
// and their worker starts each at its turn or so much later at the most: later ones are handed back.
inline constexpr int64_t kRateCountMax = 1000000;
inline constexpr int64_t kRatePerMsMax = 86400000;
inline constexpr int64_t kStartAheadMs = 30000;
inline constexpr int64_t kStartLateMs = 1000;
inline constexpr int64_t kHostDelayMsMax = 3600000;
// Gates that one round of the sweep looks at, to forget those that nothing needs; and how long after its last
// turn or its breaker's opening failures that were counted are forgotten with it.
inline constexpr int64_t kGateRows = 200;
inline constexpr int64_t kFailsForMs = 3600000;
// A tenant's or a caller's own key, characters.
inline constexpr size_t kGateNameMax = 200;
// Bytes of a URL in a gate's key; of a longer one a hash tells the rest.
inline constexpr size_t kGateUrlBytesMax = 500;
// Breakers: failures in a row that open one, and how long it stays open before a probe passes.
inline constexpr int64_t kBreakerFails = 5;
inline constexpr int64_t kBreakerOpenMs = 60000;

// Polls: jobs that one poll takes at most, so that handlers start soon and their results fit one settle; what
// POLL_BATCH may be; how long one run goes on polling before it leaves the rest to the next (a minute later);
// and lines that one run polls.
inline constexpr int64_t kPollRows = 100;
inline constexpr int64_t kPollBatchMax = 10000;
inline constexpr int64_t kPollForMs = 50000;
inline constexpr int64_t kPollLines = 100;

// Sweep: bounded work per round (rows), and rounds per tick.
inline constexpr int64_t kSweepMarkRows = 5000;
inline constexpr int64_t kSweepDueRows = 500;
// Retention: jobs that one round walks past, and jobs whose time has come, at the most.
inline constexpr int64_t kPruneRows = 1000;

// Dependencies: those that one batch takes account of; the sweep goes on with the others. Those of one
// admission: a request with more is halved. Jobs that one round of the sweep looks at that wait for others.
// How long a final job stays at least once more when one that depends on it is kept.
inline constexpr int64_t kDependEdges = 500;
inline constexpr size_t kDependBytesMax = 400'000;  // 10,000 ids
inline constexpr int64_t kDependWalkRows = 200;
inline constexpr int64_t kPruneAgainMs = 86400000;
// What a handler is given of the results of the jobs that its own depends on.
inline constexpr int64_t kParentsBytesMax = int64_t{4} << 20;

// Schedules: how many there may be; bytes of a name (a job's tag holds it), a pattern and a time zone's name;
// bytes of a payload, which are read and bound for as many as one round runs.
inline constexpr int64_t kSchedulesMax = 500;
inline constexpr size_t kScheduleNameMax = 50;
inline constexpr size_t kSchedulePayloadBytesMax = 65536;
inline constexpr int64_t kScheduleRows = 20;
static_assert(kSchedulePayloadBytesMax * kScheduleRows < kParamBytesMax);

// Locks that handlers take: bytes of a key (a URL fits), and the longest time that one is taken for.
inline constexpr size_t kLockKeyBytesMax = 2048;
inline constexpr int64_t kLockTtlMsMax = 86400000;

// Lists.
inline constexpr int64_t kListLimitMax = 500;
inline constexpr int64_t kListLimitDefault = 50;
inline constexpr int64_t kListScanRows = 2000;
inline constexpr int64_t kListOffsetMax = 10000;
// Errors that each of several databases tells of, for the most frequent of all.
inline constexpr int64_t kFailuresLook = 1000;
// Rows of each look for the oldest waiting job.
inline constexpr int64_t kWaitingRows = 2000;
// How many of those before a job in its line are counted.
inline constexpr int64_t kAheadMax = 1000;
// Jobs that an explanation names of those for which one waits.
inline constexpr int64_t kExplainParents = 10;

// Redrive: dead letters of one step, and bytes of raw bodies that it reads; dead letters of one request.
inline constexpr int64_t kRedriveRows = 100;
inline constexpr int64_t kRedriveBytes = 2000000;
inline constexpr int64_t kRedriveLimitMax = 10000;
inline constexpr int64_t kRedriveLimitDefault = 1000;
inline constexpr int64_t kRedriveIdsMax = 500;
// Skipped dead letters that an answer names.
inline constexpr uint32_t kRedriveSkippedMax = 500;

// D1 errors that pass: a step is repeated with the same nonce this often before its caller is told.
inline constexpr int64_t kStoreTriesMax = 6;
inline constexpr int64_t kStoreRetryBaseMs = 100;  // 100, 200, 400, 800, 1600 ms: 3.1 s in all
inline constexpr int64_t kStoreRetryMsMax = 5000;
// How long a batch waits in its queue when D1 stays out.
inline constexpr int64_t kOutageRetrySeconds = 30;

// A dead letter whose alert could not be delivered comes back to its consumer, which tells of it again for so
// long after it was archived. Deliveries are no measure: an outage of D1 uses them up before there is
// anything to tell.
inline constexpr int64_t kAlertForMs = 3600000;
// Jobs that one alert names; it counts all of them.
inline constexpr size_t kAlertJobsMax = 100;

}  // namespace sluice::limits
