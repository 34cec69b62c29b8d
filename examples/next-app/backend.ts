import { createBackend } from "plinth";
import type { Backend } from "plinth";

const host = globalThis as { backend?: Promise<Backend> };

/** One backend per process, started when it is first needed; `next dev` loads modules anew, but keeps globals. */
export function backend(): Promise<Backend> {
  return (host.backend ??= createBackend());
}
