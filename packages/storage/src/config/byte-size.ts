import { z } from "zod";

const UNITS: Readonly<Record<string, number>> = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9 };

/**
 * A number of bytes as Storage takes it: as such, or as "20GB", "20MB", "30KB", "3B", in powers of a thousand, of which three
 * digits count. @returns undefined where it is neither
 */
export function bytesOf(size: number | string): number | undefined {
  if (typeof size === "number") return Number.isSafeInteger(size) && size >= 0 ? size : undefined;
  const [, value, unit] = /^(\d+(?:\.\d+)?)([gmk]?b)$/i.exec(size) ?? [];
  if (value === undefined || unit === undefined) return undefined;
  return Math.round(Number(Number(value).toPrecision(3)) * UNITS[unit.toLowerCase()]!);
}

/** A setting of bytes, or a text such as "50MB" or "1.5gb". */
export const byteSize = z.union([z.number().int().nonnegative(), z.string()]).transform((value, context) => {
  const bytes = bytesOf(value);
  if (bytes === undefined) context.addIssue({ code: "custom", message: "is a number of bytes, or a text such as 20GB, 20MB, 30KB or 3B" });
  return bytes ?? 0;
});
