// The bench's worker.
import { bench } from './bench.js';
import { flows } from './contender.ts';

interface BenchEnv {
  readonly DB: D1Database;
  readonly [name: string]: unknown;
}

export default {
  async fetch(request: Request, { DB, ...vars }: BenchEnv): Promise<Response> {
    return Response.json(await bench(flows(vars), vars, DB, await request.json()));
  },
};
