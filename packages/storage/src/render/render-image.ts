import type { Metadata, Sharp, SharpOptions } from "sharp";
import type { ImageTransformationConfig } from "../config/image-transformation-options.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";
import { cropOf, type Size } from "./crop.ts";
import { type ImageFormat, imageFormatOf } from "./image-format.ts";
import type { SharpLibrary } from "./load-sharp.ts";
import type { Transformation } from "./transformation.ts";

export type RenderLimits = Pick<ImageTransformationConfig, "maxResolution" | "maxAnimationFrames" | "requestTimeout">;

export interface RenderOptions {
  readonly transformation: Transformation;
  /** Undefined: the image's own. */
  readonly output: "avif" | "webp" | undefined;
  readonly limits: RenderLimits;
}

export interface RenderedImage {
  readonly bytes: Uint8Array;
  readonly mimeType: string;
}

/** Bytes that a pixel takes when it is decoded, of images within the limit of pixels: fewer pixels may take more each. */
const BYTES_PER_PIXEL = 4;
/** AVIF of more than this takes longer than anybody waits, and can't be interrupted. In pixels. */
const MAX_AVIF_PIXELS = 8_000_000;
const MAX_WEBP_SIDE = 16_383;

/**
 * An image as it is to be shown: turned as its camera was held, in sRGB, without what else is in its file (places, names).
 * @throws StorageError InvalidRequest where it is no image, is too large, or takes too long
 */
export async function renderImage(sharp: SharpLibrary, bytes: Uint8Array, { transformation, output, limits }: RenderOptions): Promise<RenderedImage> {
  const source = imageFormatOf(bytes);
  if (source === undefined) throw new StorageError(STORAGE_ERRORS.invalidImage);
  const reading: SharpOptions = { limitInputPixels: Math.round(limits.maxResolution * 1e6), failOn: "error", sequentialRead: true, autoOrient: true };
  try {
    const metadata = await sharp(bytes, reading).metadata();
    const pages = output === "avif" || source === "tiff" ? 1 : Math.min(metadata.pages ?? 1, limits.maxAnimationFrames);
    assertSize(metadata, pages, limits);
    const image = sharp(bytes, { ...reading, pages }).timeout({ seconds: Math.ceil(limits.requestTimeout) });
    const { width, height } = metadata.autoOrient;
    const shown = resize(image, { width, height }, transformation);
    const format = writtenAs(output ?? source, output !== undefined && transformation.format === undefined, { source, size: shown });
    return { bytes: await ENCODERS[format](image, transformation.quality).toBuffer(), mimeType: `image/${format}` };
  } catch (error) {
    throw toStorageError(error);
  }
}

/** What is decoded has to fit into memory, of a file that says what it likes. */
function assertSize({ width, height, channels, depth }: Metadata, pages: number, { maxResolution }: RenderLimits): void {
  const pixels = width * height * pages;
  const most = maxResolution * 1e6;
  if (pixels > most || pixels * channels * (BYTES_OF[depth] ?? 8) > most * BYTES_PER_PIXEL) throw new StorageError(STORAGE_ERRORS.imageResolution);
}

const BYTES_OF: Readonly<Record<string, number>> = { uchar: 1, char: 1, ushort: 2, short: 2, uint: 4, int: 4, float: 4 };

/** @returns the size it will have */
function resize(image: Sharp, size: Size, transformation: Transformation): Size {
  const { width, height, resize: way, gravity } = transformation;
  if (width === undefined && height === undefined) return size;
  if (way !== "cover" || gravity?.towards === "sm") {
    const fit = ({ cover: "cover", contain: "inside", fill: "fill" } as const)[way];
    image.resize({ ...(width === undefined ? {} : { width }), ...(height === undefined ? {} : { height }), fit, position: "attention", withoutEnlargement: true });
    return { width: Math.min(width ?? size.width, size.width), height: Math.min(height ?? size.height, size.height) };
  }
  const { scaled, cut } = cropOf(size, transformation);
  image.resize({ ...scaled, fit: "fill" });
  if (cut.width < scaled.width || cut.height < scaled.height) image.extract(cut);
  return cut;
}

/** Where nobody asked for a format by name, what can't be written in it stays what it was. */
function writtenAs(format: ImageFormat, isChosen: boolean, { source, size: { width, height } }: { readonly source: ImageFormat; readonly size: Size }): ImageFormat {
  const isTooLarge = (format === "avif" && width * height > MAX_AVIF_PIXELS) || (format === "webp" && Math.max(width, height) > MAX_WEBP_SIDE);
  if (!isTooLarge) return format;
  if (isChosen && source !== format) return source;
  throw new StorageError(STORAGE_ERRORS.imageResolution);
}

type Encode = (image: Sharp, quality: number | undefined) => Sharp;

/** Qualities and efforts are imgproxy's, where nothing else was asked for. */
const ENCODERS: Readonly<Record<ImageFormat, Encode>> = {
  jpeg: (image, quality = 80) => image.jpeg({ quality }),
  png: (image) => image.png(),
  gif: (image) => image.gif(),
  webp: (image, quality = 79) => image.webp({ quality }),
  avif: (image, quality = 63) => image.avif({ quality, effort: 1 }),
  tiff: (image, quality = 80) => image.tiff({ quality }),
};

/** libvips has words alone, no codes. */
function toStorageError(error: unknown): unknown {
  // Not an image's fault.
  if (error instanceof StorageError || !(error instanceof Error) || error.constructor !== Error || error.message.startsWith("Expected")) return error;
  const definition = /pixel limit|too large/i.test(error.message) ? STORAGE_ERRORS.imageResolution : error.message.startsWith("timeout") ? STORAGE_ERRORS.imageTimeout : STORAGE_ERRORS.invalidImage;
  return new StorageError(definition, { cause: error });
}
