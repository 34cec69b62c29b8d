import { STORAGE_ERRORS } from "../../errors.ts";
import { StorageError } from "../../storage-error.ts";

const RULE = [
  "all|noindex|nofollow|none|nosnippet|indexifembedded|notranslate|noimageindex",
  "max-(?:snippet|video-preview): ?(?:-1|\\d+)",
  "max-image-preview: ?(?:none|standard|large)",
  // A date has a comma of its own.
  "unavailable_after: ?(?:[A-Za-z]{3,9}, ?)?[\\w:+.-]+(?: [\\w:+.-]+)*",
].join("|");

/**
 * https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag: a rule, perhaps after the name of a crawler. One at a
 * time, and each space in one place alone: a whole list as one expression is tried in two ways for each of its spaces.
 */
const NEXT_RULE = new RegExp(`^(?:[\\w-]+: ?)?(?:${RULE}) ?(?:, ?|$)`);

function isRobotsTag(header: string): boolean {
  let rest = header.trim().replace(/\s+/g, " ");
  if (rest === "") return false;
  while (rest !== "") {
    const rule = NEXT_RULE.exec(rest)?.[0];
    if (rule === undefined) return false;
    rest = rest.slice(rule.length);
  }
  return true;
}

/** @throws StorageError InvalidRequest where the header `x-robots-tag` is none */
export function checkRobotsTag(header: string | null): string | undefined {
  if (header === null) return undefined;
  if (!isRobotsTag(header)) throw new StorageError({ ...STORAGE_ERRORS.invalidRequest, error: "invalid_x_robots_tag" }, { message: `Invalid X-Robots-Tag header: ${header}` });
  return header;
}
