import type { EmbedPath } from "../../request/query-params.ts";

const SEGMENT = /"((?:[^"\\]|\\.)*)"|[^.]+/g;

/** The embed that a range's key is of: `a.b.limit` → ["a", "b"]; a quoted name may hold dots. */
export function rangePath(key: string): EmbedPath {
  if (key === "limit") return [];
  const names = key.includes('"') ? Array.from(key.matchAll(SEGMENT), segmentName) : key.split(".");
  return names.slice(0, -1);
}

const segmentName = ([text, quoted]: RegExpExecArray): string => quoted?.replace(/\\(.)/g, "$1") ?? text;
