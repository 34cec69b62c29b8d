import { type Backend, type BackendOptions, createBackend } from "plinth";
import { readConfig } from "../../../../packages/plinth/src/config/backend-config.ts";
import { examine } from "../../../../packages/plinth/src/doctor/examine.ts";

/**
 * Opens a backend, as after a crash, for as long as the work takes; `close()` waits until what was broken off is swept.
 * @throws AggregateError of what it told of apart from requests
 */
export async function withBackend<T>(options: BackendOptions, work: (backend: Backend) => Promise<T>): Promise<T> {
  const errors: unknown[] = [];
  const backend = await createBackend({ ...options, onError: (error, request) => void (request ?? errors.push(error)) });
  let result: T;
  try {
    result = await work(backend);
  } finally {
    await backend.close();
  }
  if (errors.length > 0) throw new AggregateError(errors, `The backend told of errors: ${errors.map(String).join("; ")}`);
  return result;
}

/** What `plinth doctor --json` would find, but for what is well. Whether the server has every extension is no matter here. */
export async function diagnose(options: BackendOptions): Promise<readonly string[]> {
  const findings = await examine(readConfig(options, {}), { host: "127.0.0.1", port: 0 });
  return findings.filter(({ status, title }) => status !== "ok" && title !== "Extensions").map(({ status, title, message }) => `${status} ${title}: ${message}`);
}
