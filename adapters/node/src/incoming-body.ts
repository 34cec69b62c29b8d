import { tooLarge } from "@plinth/core";
import { bodyStream, streamOf } from "./body-stream.ts";
import { collectBody } from "./collect-body.ts";
import { hasBody } from "./node-message.ts";
import type { NodeRequest, NodeResponse } from "./node-message.ts";
import { serializeParsedBody, wasRead } from "./parsed-body.ts";

const NO_BYTES = Buffer.alloc(0);

/** All of a request's body, whether it is still in the socket or the host has parsed it. */
export async function collectIncoming(request: NodeRequest, maxBytes: number): Promise<Buffer> {
  if (!hasBody(request)) return NO_BYTES;
  if (!wasRead(request)) return collectBody(request, maxBytes);
  const bytes = serializeParsedBody(request);
  if (bytes.byteLength > maxBytes) throw tooLarge(maxBytes);
  return bytes;
}

/** As `collectIncoming`, a chunk at a time; null where the request has no body. */
export function streamIncoming(request: NodeRequest, response: NodeResponse): ReadableStream<Uint8Array> | null {
  if (!hasBody(request)) return null;
  return wasRead(request) ? streamOf(serializeParsedBody(request)) : bodyStream(request, response);
}
