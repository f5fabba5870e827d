// What is wrong with a request or message, and the answers that say so.
import type * as z from 'zod';
import { FAULTS_MAX } from './limits.ts';

export interface Fault {
  /** JSON Pointer into the document. */
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

export interface Reply {
  readonly status: number;
  readonly retryAfter?: number;
  readonly body: string;
}

const escaped = (token: PropertyKey): string => String(token).replaceAll('~', '~0').replaceAll('/', '~1');

export const pointer = (base: string, path: readonly PropertyKey[]): string =>
  path.reduce<string>((before, token) => `${before}/${escaped(token)}`, base);

/** zod's issues as faults; each member that is not known is one. */
export function zodFaults(error: z.ZodError, base: string): Fault[] {
  return error.issues.flatMap((issue): Fault[] => {
    const at = pointer(base, issue.path);
    if (issue.code !== 'unrecognized_keys') return [{ path: at, code: issue.code, message: issue.message }];
    return issue.keys.map((key) => ({
      path: pointer(at, [key]),
      code: issue.code,
      message: 'Is not a known member.',
    }));
  });
}

/** A document that is not JSON. */
export const syntaxFault = (error: unknown): Fault => ({
  path: '',
  code: 'invalid_json',
  message: error instanceof Error ? error.message : String(error),
});

const titles: Record<number, string> = {
  400: 'Bad Request',
  413: 'Content Too Large',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
};

export function problem(status: number, detail: string, faults: readonly Fault[] = []): Reply {
  const body = {
    type: 'about:blank',
    title: titles[status],
    status,
    detail,
    ...(faults.length > 0 && { errors: faults.slice(0, FAULTS_MAX) }),
  };
  return { status, ...(status === 429 && { retryAfter: 5 }), body: JSON.stringify(body) };
}

export function itemProblem(faults: readonly Fault[]): Reply {
  const large = faults[0]?.code === 'payload_too_large';
  return problem(large ? 413 : 422, large ? 'The payload is too large.' : 'The job is not valid.', faults);
}
