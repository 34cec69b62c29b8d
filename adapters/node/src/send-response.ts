import { Readable } from "node:stream";
import { headersToRecord, lightParts } from "@plinth/core";
import type { LightParts, ReplyHeaders } from "@plinth/core";
import { isGone } from "./node-message.ts";
import type { NodeRequest, NodeResponse } from "./node-message.ts";
import { pipeStream } from "./pipe-stream.ts";
import { pumpStream } from "./pump-stream.ts";
import { mergeWithHost, withoutConnectionHeaders } from "./response-headers.ts";

/**
 * Writes `response` to the socket. Resolves when all of it was handed over or the client has gone;
 * rejects where its body fails, the connection being cut by then, so that nobody takes the part
 * for the whole.
 */
export async function sendResponse(response: Response, request: NodeRequest, outgoing: NodeResponse): Promise<void> {
  const { status, headers, body } = lightParts(response) ?? partsOf(response);
  const isStream = body instanceof ReadableStream || body instanceof Readable;
  if (outgoing.headersSent || isGone(outgoing)) return isStream ? discard(body) : undefined;
  const merged = mergeWithHost(request.httpVersionMajor >= 2 ? withoutConnectionHeaders(headers) : headers, outgoing);
  if (isStream) return sendStream(status, merged, body, request, outgoing);
  if (!hasLength(headers)) setLength(merged, status, body, request.method);
  outgoing.writeHead(status, merged);
  // node:http drops a HEAD response's body by itself; the length stays that of the GET.
  outgoing.end(body ?? undefined);
}

function partsOf(response: Response): LightParts {
  return { status: response.status, headers: headersToRecord(response.headers), body: response.body };
}

type ByteStream = ReadableStream<Uint8Array> | Readable;

async function sendStream(status: number, headers: ReplyHeaders, body: ByteStream, request: NodeRequest, outgoing: NodeResponse): Promise<void> {
  outgoing.writeHead(status, headers);
  if (request.method === "HEAD") {
    outgoing.end();
    return discard(body);
  }
  // The first chunk of an event stream may be long in coming.
  outgoing.flushHeaders();
  await (body instanceof Readable ? pipeStream(body, outgoing) : pumpStream(body, outgoing));
}

/** Tells a stream that nobody is going to read it. */
async function discard(body: ByteStream): Promise<void> {
  if (body instanceof Readable) body.on("error", () => undefined).destroy();
  else await body.cancel().catch(() => undefined);
}

function hasLength(headers: Readonly<ReplyHeaders>): boolean {
  for (const name in headers) if (name.length === 14 && name.toLowerCase() === "content-length") return true;
  return false;
}

/** 204 and 304 have none, and what a HEAD response without a body would have been long is unknown. */
function setLength(headers: ReplyHeaders, status: number, body: string | Uint8Array | null, method: string | undefined): void {
  if (body !== null) headers["content-length"] = String(Buffer.byteLength(body));
  else if (status !== 204 && status !== 304 && method !== "HEAD") headers["content-length"] = "0";
}
