import { isGone, isSent } from "./node-message.ts";
import type { NodeResponse } from "./node-message.ts";

/**
 * Writes a web stream to a response, no faster than the client reads, and ends the response.
 * Resolves early, the stream cancelled at once, where the client goes away. Rejects where the
 * stream fails, having cut the connection.
 *
 * Not `stream.pipeline`: that cancels a stream only at its next chunk, and an idle event stream
 * may have none.
 */
export async function pumpStream(body: ReadableStream<Uint8Array>, outgoing: NodeResponse): Promise<void> {
  const reader = body.getReader();
  const onClose = (): void => {
    if (!isSent(outgoing)) reader.cancel(new DOMException("The client went away.", "AbortError")).catch(() => undefined);
  };
  outgoing.once("close", onClose);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (isGone(outgoing)) return;
      if (done) break;
      if (!outgoing.write(value)) await drained(outgoing);
    }
    outgoing.end();
  } catch (error) {
    reader.cancel(error).catch(() => undefined);
    outgoing.destroy(error instanceof Error ? error : undefined);
    throw error;
  } finally {
    if (outgoing.writableEnded) outgoing.off("close", onClose);
  }
}

/** Resolves when there is room again, or nobody to make it for. */
function drained(outgoing: NodeResponse): Promise<void> {
  if (isGone(outgoing)) return Promise.resolve();
  return new Promise((resolve) => {
    const onRoom = (): void => {
      outgoing.off("drain", onRoom).off("close", onRoom);
      resolve();
    };
    outgoing.on("drain", onRoom).on("close", onRoom);
  });
}
