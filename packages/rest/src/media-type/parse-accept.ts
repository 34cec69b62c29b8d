import type { MediaType } from "./media-type.ts";
import { parseMediaType } from "./parse-media-type.ts";

interface Range {
  readonly text: string;
  readonly quality: number;
  readonly specificity: number;
}

/** An Accept header's types, the most wanted first: by q, then the ones with more parameters and fewer wildcards, then as sent. */
export function parseAccept(header: string): MediaType[] {
  if (header === "") return [];
  if (!header.includes(",")) return [parseMediaType(parseRange(header).text)];
  const ranges = header.split(",").map(parseRange);
  ranges.sort((a, b) => b.quality - a.quality || b.specificity - a.specificity);
  return ranges.map(({ text }) => parseMediaType(text));
}

/** Parameters behind q belong to it (RFC 9110, section 12.5.1) and say nothing of the type. */
function parseRange(sent: string): Range {
  const compact = sent.replaceAll(" ", "");
  const weight = compact.indexOf(";q=");
  const text = weight < 0 ? compact : compact.slice(0, weight);
  const specificity = text.split(";").length - text.split("*").length;
  return { text, quality: weight < 0 ? 1 : parseQuality(compact.slice(weight + 3)), specificity };
}

function parseQuality(text: string): number {
  const found = /^\d+(?:\.\d+)?/.exec(text);
  return found === null ? 1 : Number(found[0]);
}
