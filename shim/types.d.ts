// Modules that the bundler makes, as the type checker sees them.

declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}

declare module '#registry/types' {
  /** Every job.json of the registry. */
  export const types: { type: string; description: string; queue: string; [key: string]: unknown }[];
}

declare module '#registry/handlers' {
  /** The handler of each job type. */
  export const handlers: Record<string, import('../scraper/context.js').Handler>;
}
