import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";

export interface BodyLimits {
  /** Largest body accepted, in bytes. */
  readonly maxBytes: number;
}

/** Property by which an adapter's request hands over its body without a web stream in between. */
export const READ_BODY: unique symbol = Symbol.for("plinth.request.readBody") as never;

/** A request whose adapter collects the body itself, to the rules of `readBytes`. */
export interface DirectBody {
  [READ_BODY](maxBytes: number): Promise<Uint8Array>;
}

const EMPTY = new Uint8Array(0);

/**
 * The request's whole body. Bytes of a body that is too large are never kept.
 *
 * @throws BackendError bodyTooLarge; bodyTruncated where the body broke off or is shorter than its
 * Content-Length (RFC 9112, 8)
 */
export async function readBytes(request: Request, limits: BodyLimits): Promise<Uint8Array> {
  const direct = (request as Partial<DirectBody>)[READ_BODY];
  if (direct !== undefined) return direct.call(request, limits.maxBytes);
  const declared = contentLength(request.headers.get("content-length"));
  if (declared !== undefined && declared > limits.maxBytes) throw tooLarge(limits.maxBytes);
  const bytes = request.body === null ? EMPTY : await collect(request.body, limits.maxBytes);
  if (declared !== undefined && bytes.byteLength < declared) throw new BackendError(CORE_ERRORS.bodyTruncated);
  return bytes;
}

/**
 * The request's body as text: UTF-8, without a byte order mark.
 *
 * @throws BackendError as `readBytes`; requestMalformed where the bytes are not UTF-8
 */
export async function readText(request: Request, limits: BodyLimits): Promise<string> {
  const bytes = await readBytes(request, limits);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new BackendError(CORE_ERRORS.requestMalformed, { details: "The body is not valid UTF-8.", cause });
  }
}

/** A Content-Length as a number; undefined where there is none, or none to rely on. */
export function contentLength(header: string | null | undefined): number | undefined {
  return header !== null && header !== undefined && /^\d+$/.test(header) ? Number(header) : undefined;
}

export function tooLarge(maxBytes: number): BackendError {
  return new BackendError(CORE_ERRORS.bodyTooLarge, { details: `The limit is ${maxBytes} bytes.` });
}

async function collect(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await readChunk(reader);
    if (done) return join(chunks, size);
    size += value.byteLength;
    if (size > maxBytes) {
      // The error is the answer; what cancelling makes of the rest is nobody's business.
      reader.cancel().catch(() => undefined);
      throw tooLarge(maxBytes);
    }
    chunks.push(value);
  }
}

async function readChunk(reader: ReadableStreamDefaultReader<Uint8Array>): ReturnType<ReadableStreamDefaultReader<Uint8Array>["read"]> {
  try {
    return await reader.read();
  } catch (cause) {
    throw new BackendError(CORE_ERRORS.bodyTruncated, { cause });
  }
}

function join(chunks: readonly Uint8Array[], size: number): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
