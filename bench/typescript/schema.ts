// The shapes of requests, envelopes and payloads. Lengths are counted in UTF-16 units, as zod does.
import * as z from 'zod';

/** SQLite's texts end at U+0000, so two names that differ behind one would be the same name. */
const isName = (text: string): boolean => !text.includes('\0');
const NUL = 'Must not hold U+0000.';

const name = (max: number) => z.string().min(1).max(max).refine(isName, NUL);

/** Different names. */
const names = (max: number, lengthMax: number) =>
  z
    .array(z.string().min(1).max(lengthMax))
    .max(max)
    .refine((list) => new Set(list).size === list.length, 'Must not hold the same value twice.')
    .refine((list) => list.every(isName), NUL);

const priority = z.union([z.int().min(1).max(10), z.enum(['urgent', 'high', 'normal', 'low'])]);
const timeoutMs = z.int().min(100).max(600_000);

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
  dependsOn: names(100, 100).optional(),
  onDependencyFailure: z.enum(['cancel', 'proceed']).optional(),
  tags: names(20, 64).optional(),
  concurrencyKey: name(200).optional(),
  tenant: name(200).optional(),
  correlationId: name(200).optional(),
  userId: name(200).optional(),
  sessionId: name(200).optional(),
});
export type JobRequest = z.infer<typeof jobRequest>;
export type BackoffWish = z.infer<typeof backoffWish>;
export type PriorityWish = z.infer<typeof priority>;

const note = z.string().max(200).refine(isName, NUL);

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

const webUrl = z.url({ protocol: /^https?$/ }).max(2048);

/** Members of any name, so many at most. */
const fields = (max: number, value: z.ZodString) =>
  z
    .record(z.string().min(1).max(100), value)
    .refine((record) => Object.keys(record).length <= max, `Must have at most ${max} members.`);

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
  scrape_request: z.strictObject({
    url: webUrl,
    scrapeType: z.enum(['hotel', 'flight', 'attraction', 'general']),
    options: z
      .strictObject({
        selectors: fields(50, z.string().min(1).max(500)).optional(),
        maxPages: z.int().min(1).max(50).optional(),
        timeoutMs: timeoutMs.optional(),
        respectRobots: z.boolean().optional(),
        headers: fields(30, z.string().max(4096)).optional(),
      })
      .optional(),
    context: z
      .looseObject({
        query: z.string().max(4000).optional(),
        place: z.string().max(500).optional(),
        chatId: z.string().max(200).optional(),
        locale: z.string().max(35).optional(),
      })
      .refine((context) => Object.keys(context).length <= 50, 'Must have at most 50 members.')
      .optional(),
  }),
  'webhook-delivery': z.strictObject({
    url: webUrl,
    method: z.enum(['POST', 'PUT', 'PATCH', 'DELETE']).optional(),
    body: z.unknown().refine((body) => body !== undefined, 'Is required.'),
    headers: fields(30, z.string().max(4096)).optional(),
  }),
  cleanup: z.strictObject({ olderThanDays: z.number().min(0.01).max(36_500).optional() }),
};
