import type { Readable } from "node:stream";

/** As the `signal` option of streams, but that the stream fails with the signal's reason. */
export function destroyOnAbort<T extends Readable>(stream: T, signal: AbortSignal | undefined): T {
  if (signal === undefined) return stream;
  const abort = (): void => void stream.destroy(signal.reason as Error);
  signal.addEventListener("abort", abort, { once: true });
  stream.once("close", () => signal.removeEventListener("abort", abort));
  if (signal.aborted) abort();
  return stream;
}
