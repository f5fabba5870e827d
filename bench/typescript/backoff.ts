// How long a job waits after an attempt that failed.
import type { Entropy } from './entropy.ts';
import { BACKOFF_MS_MAX } from './limits.ts';
import type { Backoff } from './policy.ts';
import type { OwnBackoff } from './record.ts';

/** The backoff of a job: its own where it has one, else its type's, else the default. */
export function backoffOf(own: OwnBackoff | null, type: Backoff | undefined): Backoff {
  if (own) {
    const [kind, delayMs, maxDelayMs, jitterPermille] = own;
    return { kind, delayMs, maxDelayMs, jitterPermille };
  }
  return type ?? { kind: 'exponential', delayMs: 10_000, maxDelayMs: 3_600_000, jitterPermille: 0 };
}

/** By how much the delay has grown at the n-th failed attempt. */
function growth(kind: Backoff['kind'], n: number): number {
  if (kind === 'fixed') return 1;
  return kind === 'linear' ? n : 2 ** (n - 1);
}

/** The delay after the n-th failed attempt. */
export function backoffMs(policy: Backoff, failedAttempts: number, entropy: Entropy): number {
  const { kind, delayMs, maxDelayMs, jitterPermille } = policy;
  const base = delayMs * growth(kind, Math.max(failedAttempts, 1));
  const capped = Math.min(base, BACKOFF_MS_MAX, maxDelayMs);
  const spread = Math.floor((capped * jitterPermille) / 1000);
  const offset = entropy.below(2 * spread + 1) - spread;
  return Math.min(Math.max(capped + offset, 0), BACKOFF_MS_MAX);
}
