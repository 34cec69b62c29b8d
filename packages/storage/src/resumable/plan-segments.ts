import type { Segment } from "./resumable-upload.ts";

/** Beyond it they are made one: each is a request when a part is made of them. */
const MAX_SEGMENTS = 32;

/**
 * Which segments new bytes are joined with: those before that are no larger, so that each byte of many tiny requests is
 * written anew only as often as what it is in has doubled.
 * @param size of the new bytes
 */
export function planSegments(segments: readonly Segment[], size: number): { readonly kept: readonly Segment[]; readonly joined: readonly Segment[]; readonly size: number } {
  let from = segments.length;
  let total = size;
  const isFull = segments.length >= MAX_SEGMENTS;
  while (from > 0 && (isFull || segments[from - 1]!.size <= total)) total += segments[--from]!.size;
  return { kept: segments.slice(0, from), joined: segments.slice(from), size: total };
}
