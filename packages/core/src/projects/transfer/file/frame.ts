import { createHash } from "node:crypto";
import { z } from "zod";

/**
 * An export is a gzip of frames (RFC 1952). A frame is a line of JSON, which says what follows and how long it is, then
 * so many bytes, then a line feed.
 */
export const frameHeaderSchema = z.strictObject({
  /** Counts up from 0. */
  part: z.int().min(0),
  kind: z.enum(["manifest", "schema", "tables", "rows", "sequences", "file", "bytes", "files", "keys", "end"]),
  /** Of `schema`. */
  section: z.enum(["pre-data", "post-data"]).optional(),
  /** Of `rows`: the place of their table in the list. */
  table: z.int().min(0).optional(),
  size: z.int().min(0),
  /** Of the bytes that follow, as hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type FrameHeader = Readonly<z.infer<typeof frameHeaderSchema>>;
export type FrameKind = FrameHeader["kind"];

export interface Frame {
  readonly header: FrameHeader;
  readonly body: Buffer;
}

/** Longer header lines are none. */
export const HEADER_BYTES = 1024;

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** The headers of all frames up to one, in their order: so that none can be left out, put in or exchanged. */
export class FrameDigest {
  readonly #hash = createHash("sha256").update("plinth export\n");
  #count = 0;

  add(header: FrameHeader): void {
    this.#count++;
    this.#hash.update(`${JSON.stringify([header.part, header.kind, header.section ?? null, header.table ?? null, header.size, header.sha256])}\n`);
  }

  get count(): number {
    return this.#count;
  }

  /** Hex. More may be added afterwards. */
  digest(): string {
    return this.#hash.copy().digest("hex");
  }
}

/** Makes frames of one export. */
export class FrameWriter {
  readonly digest = new FrameDigest();

  frame(kind: FrameKind, body: Buffer, more: Pick<FrameHeader, "section" | "table"> = {}): Buffer {
    const header: FrameHeader = { part: this.digest.count, kind, ...more, size: body.length, sha256: sha256(body) };
    this.digest.add(header);
    return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body, LINE_FEED]);
  }

  json(kind: FrameKind, value: unknown): Buffer {
    return this.frame(kind, Buffer.from(JSON.stringify(value)));
  }
}

const LINE_FEED = Buffer.from("\n");
