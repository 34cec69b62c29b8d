import { crc32, deflateSync } from "node:zlib";

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** 1 to 16. */
  readonly depth: number;
  /** 0: grey, 2: RGB, 6: RGB with alpha. */
  readonly colour: 0 | 2 | 6;
  readonly isInterlaced?: boolean;
}

/** A PNG by its header and its lines, each with a zero before it, whatever the header says of them. */
export function png({ width, height, depth, colour, isInterlaced = false }: PngHeader, lines: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour, 0, 0, isInterlaced ? 1 : 0], 8);
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", header), chunk("IDAT", deflateSync(lines, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** 900 million pixels in some 100 KB, all of them there. */
export const PNG_BOMB = (): Buffer => png({ width: 30_000, height: 30_000, depth: 1, colour: 0 }, Buffer.alloc(30_000 * (30_000 / 8 + 1)));

/** Within the limit of pixels, but each of eight bytes, which have to be in memory at once as its lines come interlaced. */
export const DEEP_PNG = (): Buffer => png({ width: 6_000, height: 6_000, depth: 16, colour: 6, isInterlaced: true }, Buffer.alloc(1_000_000));
