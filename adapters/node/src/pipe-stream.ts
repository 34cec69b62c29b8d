import type { Readable } from "node:stream";
import { isGone, isSent } from "./node-message.ts";
import type { NodeResponse } from "./node-message.ts";

/**
 * Writes a Node stream to a response, no faster than the client reads, and ends the response. As `pumpStream`: resolves
 * early, the stream destroyed at once, where the client goes away; rejects where the stream fails, having cut the connection.
 */
export function pipeStream(body: Readable, outgoing: NodeResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = (): void => {
      if (!isSent(outgoing)) body.destroy();
      resolve();
    };
    body.once("error", (error) => {
      outgoing.off("close", onClose).destroy(error);
      reject(error);
    });
    body.once("end", () => {
      outgoing.off("close", onClose);
      resolve();
    });
    outgoing.once("close", onClose);
    if (isGone(outgoing)) onClose();
    else if (body.destroyed) body.emit("error", body.errored ?? new Error("The body was closed before it was sent."));
    else body.pipe(outgoing);
  });
}
