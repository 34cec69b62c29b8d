import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";

/** A frame of an export. */
export interface Frame {
  readonly header: { readonly part: number; readonly kind: string; readonly size: number; readonly sha256: string; readonly section?: string; readonly table?: number };
  readonly body: Buffer;
}

export function framesOf(file: Buffer): Frame[] {
  const bytes = gunzipSync(file);
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length; ) {
    const line = bytes.indexOf("\n", at);
    const header = JSON.parse(bytes.toString("utf8", at, line)) as Frame["header"];
    frames.push({ header, body: bytes.subarray(line + 1, line + 1 + header.size) });
    at = line + 2 + header.size;
  }
  return frames;
}

export const fileOf = (frames: readonly Frame[]): Buffer => gzipSync(Buffer.concat(frames.flatMap(({ header, body }) => [Buffer.from(`${JSON.stringify(header)}\n`), body, Buffer.from("\n")])));

export const sha256 = (bytes: Buffer | string): string => createHash("sha256").update(bytes).digest("hex");

/** With sums that fit what is in it, as one would make them who knows the format and not the passphrase. */
export function summed(frames: readonly Frame[]): Frame[] {
  const hash = createHash("sha256").update("plinth export\n");
  let count = 0;
  return frames.map(({ header, body: before }, part) => {
    const body = header.kind === "end" ? Buffer.from(JSON.stringify({ frames: count, digest: hash.copy().digest("hex") })) : before;
    const summedHeader = { ...header, part, size: body.length, sha256: sha256(body) };
    hash.update(`${JSON.stringify([part, header.kind, header.section ?? null, header.table ?? null, body.length, summedHeader.sha256])}\n`);
    count++;
    return { header: summedHeader, body };
  });
}
