import { OutgoingMessage } from "node:http";
import type { Readable } from "node:stream";
import { takesBack } from "@plinth/core";
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
    const onRoom = (): void => void body.resume();
    const stop = (): void => void outgoing.off("close", onClose).off("drain", onRoom);
    body.once("error", (error) => {
      stop();
      outgoing.destroy(error);
      reject(error);
    });
    body.once("end", () => {
      stop();
      outgoing.end();
      resolve();
    });
    outgoing.on("close", onClose).on("drain", onRoom);
    if (isGone(outgoing)) onClose();
    else if (body.destroyed) body.emit("error", body.errored ?? new Error("The body was closed before it was sent."));
    else body.on("data", writerTo(outgoing, body));
  });
}

/** Chunks are given back when the system has them; but not where a host has put something of its own in front, which may keep them. */
function writerTo(outgoing: NodeResponse, body: Readable): (chunk: Uint8Array) => void {
  const takeBack = outgoing.write === OutgoingMessage.prototype.write ? takesBack(body) : undefined;
  const write = takeBack === undefined ? (chunk: Uint8Array) => outgoing.write(chunk) : (chunk: Uint8Array) => outgoing.write(chunk, () => takeBack(chunk));
  return (chunk) => {
    if (!write(chunk)) body.pause();
  };
}
