import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** Compiled WebAssembly. Opaque: neither ECMAScript's types nor Node's declare it. */
export type CompiledModule = object;

let compiled: Promise<CompiledModule> | undefined;

/**
 * PostgreSQL as compiled WebAssembly: compiled once in a process and then shared by all its databases, optimised code
 * included, which makes the second one start in a third of the time. It can't be changed, so sharing it is no shared
 * state; that is why this may be kept at module level.
 */
export function postgresModule(): Promise<CompiledModule> {
  compiled ??= compile().catch((error: unknown) => {
    compiled = undefined;
    throw error;
  });
  return compiled;
}

async function compile(): Promise<CompiledModule> {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: { compile(bytes: Uint8Array): Promise<CompiledModule> } };
  return WebAssembly.compile(await readFile(pgliteFile("pglite.wasm")));
}

/** A file that PGlite's package has beside its entry. */
export function pgliteFile(name: string): string {
  return fileURLToPath(new URL(name, import.meta.resolve("@electric-sql/pglite")));
}
