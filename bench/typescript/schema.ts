// The shapes of requests, envelopes and payloads. Lengths are counted in UTF-16 units, as zod does.
import * as z from 'zod';

/** SQLite's texts end at U+0000, so two names that differ behind one would be the same name. */
const name = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((text) => !text.includes('\0'), 'Must not hold U+0000.');

const priority = z.union([z.int().min(1).max(10), z.enum(['urgent', 'high', 'normal', 'low'])]);
const timeoutMs = z.int().min(100).max(600_000);

const isSet = (list: string[]): boolean => new Set(list).size === list.length;

export const backoffWish = z.strictObject({
  type: z.enum(['exponential', 'linear', 'fixed']).optional(),
  delay: z.int().min(0).max(86_400_000).optional(),
  maxDelay: z.int().min(0).max(86_400_000).optional(),
  jitter: z.number().min(0).max(1).optional(),
});

/** One job of POST /jobs and POST /jobs/batch, but for its payload, which its type's schema checks. */
export const jobRequest = z.strictObject({
  type: name(100),
  payload: z.unknown(),
  priority: priority.optional(),
  maxAttempts: z.int().min(1).max(100).optional(),
  backoff: backoffWish.optional(),
  delaySeconds: z.number().min(0).max(315_360_000).optional(),
  runAt: z.iso.datetime({ offset: true }).optional(),
  timeoutMs: timeoutMs.optional(),
  uniqueKey: name(200).optional(),
  uniqueForSeconds: z.int().min(1).max(315_360_000).optional(),
  dependsOn: z.array(name(100)).max(100).refine(isSet, 'Must not hold the same value twice.').optional(),
  onDependencyFailure: z.enum(['cancel', 'proceed']).optional(),
  tags: z.array(name(64)).max(20).refine(isSet, 'Must not hold the same value twice.').optional(),
  concurrencyKey: name(200).optional(),
  tenant: name(200).optional(),
  correlationId: name(200).optional(),
  userId: name(200).optional(),
  sessionId: name(200).optional(),
});
export type JobRequest = z.infer<typeof jobRequest>;
export type BackoffWish = z.infer<typeof backoffWish>;
export type PriorityWish = z.infer<typeof priority>;

const note = z
  .string()
  .max(200)
  .refine((text) => !text.includes('\0'), 'Must not hold U+0000.');

/** Another producer's message, which may carry members of its own. */
export const foreignEnvelope = z.looseObject({
  id: name(200),
  type: name(100),
  payload: z.unknown(),
  metadata: z.looseObject({
    priority: priority.optional(),
    scheduledAt: z.int().min(0).max(253_402_300_799_999).optional(),
    maxRetries: z.int().min(0).max(99).optional(),
    timeoutMs: timeoutMs.optional(),
    correlationId: name(200).optional(),
    userId: note.optional(),
    sessionId: note.optional(),
  }),
});
export type ForeignEnvelope = z.infer<typeof foreignEnvelope>;

/** Our own mark, by which a message of ours is known. */
export const ownEnvelope = z.object({
  id: z.string(),
  metadata: z.object({ sluice: z.object({ v: z.literal(1), fence: z.int().optional() }) }),
});

/** Payloads by type. */
export const payloads: Record<string, z.ZodType> = {
  'batch-import': z.strictObject({
    items: z
      .array(z.strictObject({ id: z.string().min(1).max(500), data: z.unknown() }))
      .min(1)
      .max(20_000),
    namespace: z.string().min(1).max(200).optional(),
  }),
  'send-email': z.strictObject({
    to: z.email(),
    subject: z.string().min(1).max(998),
    body: z.string().min(1).max(500_000),
    html: z.string().min(1).max(500_000).optional(),
    from: z.string().min(3).max(320).optional(),
    replyTo: z.email().optional(),
  }),
};
