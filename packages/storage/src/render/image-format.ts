import type { ImageTransformationConfig } from "../config/image-transformation-options.ts";
import type { Transformation } from "./transformation.ts";

/** Those that are read and written. SVG is not among them: it is a program to be run, by a renderer that no time-out interrupts. */
export type ImageFormat = "jpeg" | "png" | "gif" | "webp" | "avif" | "tiff";

const BEGINNINGS: readonly (readonly [ImageFormat, RegExp])[] = [
  ["jpeg", /^\xff\xd8\xff/],
  ["png", /^\x89PNG\r\n\x1a\n/],
  ["gif", /^GIF8[79]a/],
  ["webp", /^RIFF[^]{4}WEBP/],
  ["avif", /^[^]{4}ftyp(?:avif|avis|(?:mif1|msf1|miaf)[^]*avi[fs])/],
  ["tiff", /^(?:II\*\0|MM\0\*)/],
];

/** Enough for the brands of an AVIF. */
const BEGINNING_BYTES = 64;

/** By what bytes begin with, whatever they were said to be: nothing else is given to the library, whose readers are many. */
export function imageFormatOf(bytes: Uint8Array): ImageFormat | undefined {
  const beginning = Buffer.from(bytes.subarray(0, BEGINNING_BYTES)).toString("latin1");
  return BEGINNINGS.find(([, pattern]) => pattern.test(beginning))?.[0];
}

/** Whether the answer depends on what its reader accepts. */
export const isNegotiated = ({ format }: Transformation, { webpDetection, avifDetection }: ImageTransformationConfig): boolean => format === undefined && (webpDetection || avifDetection);

/** What an image is to be written as. Undefined: as what it is. */
export function outputFormat(transformation: Transformation, accept: string | null, config: ImageTransformationConfig): "avif" | "webp" | undefined {
  const { format } = transformation;
  if (format === "origin") return undefined;
  if (format !== undefined) return format;
  if (config.avifDetection && accepts(accept, "image/avif")) return "avif";
  return config.webpDetection && accepts(accept, "image/webp") ? "webp" : undefined;
}

/** Whether a type is named, and not with a quality of 0 (RFC 9110, 12.5.1). Whoever takes anything has not asked for it. */
function accepts(header: string | null, type: string): boolean {
  return (header ?? "").toLowerCase().split(",").some((range) => {
    const [name, ...parameters] = range.split(";").map((part) => part.trim());
    return name === type && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}
