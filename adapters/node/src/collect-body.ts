import { BackendError, contentLength, CORE_ERRORS, tooLarge } from "@plinth/core";
import { isBroken } from "./node-message.ts";
import type { NodeRequest } from "./node-message.ts";

/**
 * Collects a request's body from its stream.
 *
 * @throws BackendError bodyTooLarge, as soon as that is known: what still comes is discarded;
 * bodyTruncated where the connection broke off
 */
export function collectBody(request: NodeRequest, maxBytes: number): Promise<Buffer> {
  const declared = contentLength(request.headers["content-length"]);
  if (declared !== undefined && declared > maxBytes) return Promise.reject(tooLarge(maxBytes));
  if (isBroken(request)) return Promise.reject(new BackendError(CORE_ERRORS.bodyTruncated));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = (): void => {
      request.off("data", onData).off("end", onEnd).off("error", onBreak).off("close", onBreak);
    };
    const fail = (error: BackendError): void => {
      stop();
      request.resume();
      reject(error);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.byteLength;
      if (size > maxBytes) fail(tooLarge(maxBytes));
      else chunks.push(chunk);
    };
    const onEnd = (): void => {
      stop();
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size));
    };
    const onBreak = (cause?: Error): void => fail(new BackendError(CORE_ERRORS.bodyTruncated, { cause }));
    request.on("data", onData).on("end", onEnd).on("error", onBreak).on("close", onBreak);
  });
}
