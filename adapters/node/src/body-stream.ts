import { BackendError, CORE_ERRORS } from "@plinth/core";
import { isBroken } from "./node-message.ts";
import type { NodeRequest } from "./node-message.ts";

/**
 * A request's body as a web stream that reads from the socket only what is asked for.
 *
 * Not `Readable.toWeb`: cancelling that one destroys the socket, and with it the answer that says
 * why the body was refused. Not a byte stream: enqueueing there detaches the chunk's buffer, which
 * Node shares between chunks.
 */
export function bodyStream(request: NodeRequest): ReadableStream<Uint8Array> {
  let stop = (): void => undefined;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const onData = (chunk: Buffer): void => {
          controller.enqueue(chunk);
          request.pause();
        };
        const onEnd = (): void => {
          stop();
          controller.close();
        };
        const onBreak = (cause?: Error): void => {
          stop();
          controller.error(new BackendError(CORE_ERRORS.bodyTruncated, { cause }));
        };
        stop = () => request.off("data", onData).off("end", onEnd).off("error", onBreak).off("close", onBreak);
        if (isBroken(request)) return onBreak();
        request.on("data", onData).on("end", onEnd).on("error", onBreak).on("close", onBreak);
        request.pause();
      },
      pull() {
        request.resume();
      },
      cancel() {
        stop();
        // What still comes is discarded, so that the connection can be used again.
        request.resume();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Bytes at hand, as a stream. */
export function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}
