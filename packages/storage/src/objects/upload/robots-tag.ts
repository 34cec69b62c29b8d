import { STORAGE_ERRORS } from "../../errors.ts";
import { StorageError } from "../../storage-error.ts";

const RULE = [
  "all|noindex|nofollow|none|nosnippet|indexifembedded|notranslate|noimageindex",
  "max-(?:snippet|video-preview):\\s*(?:-1|\\d+)",
  "max-image-preview:\\s*(?:none|standard|large)",
  // A date has a comma of its own.
  "unavailable_after:\\s*(?:[A-Za-z]{3,9},\\s*)?[\\w:+. -]+",
].join("|");

/** https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag: rules, each perhaps after the name of a crawler. */
const TAG = new RegExp(`^\\s*(?:(?:[\\w-]+:\\s*)?(?:${RULE})\\s*(?:,\\s*|$))+$`);

/** @throws StorageError InvalidRequest where the header `x-robots-tag` is none */
export function checkRobotsTag(header: string | null): string | undefined {
  if (header === null) return undefined;
  if (!TAG.test(header)) throw new StorageError({ ...STORAGE_ERRORS.invalidRequest, error: "invalid_x_robots_tag" }, { message: `Invalid X-Robots-Tag header: ${header}` });
  return header;
}
