/** Compressed forms that are made once, when a file is uploaded: the names are those of the header's (RFC 9110, 8.4.1). */
export type Encoding = "br" | "gzip";

/** In the order in which they are taken, where a client takes both alike. */
const ENCODINGS: readonly Encoding[] = ["br", "gzip"];

/** Which of a file's compressed forms is sent; undefined: the file as it is. */
export function chooseEncoding(accept: string | null, sizes: Readonly<Partial<Record<Encoding, number>>>): Encoding | undefined {
  if (accept === null || accept === "") return undefined;
  const weights = weightsOf(accept);
  const weigh = (encoding: Encoding): number => (sizes[encoding] === undefined ? 0 : (weights.get(encoding) ?? weights.get("*") ?? 0));
  const [br, gzip] = [weigh("br"), weigh("gzip")];
  if (br === 0 && gzip === 0) return undefined;
  return ENCODINGS[br >= gzip ? 0 : 1];
}

const weightsOf = (accept: string): ReadonlyMap<string, number> => new Map(accept.split(",").slice(0, 20).map(weightOf));

function weightOf(part: string): [string, number] {
  const [name = "", ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
  const q = Number(parameters.find((text) => text.startsWith("q="))?.slice(2) ?? 1);
  return [name, q > 0 && q <= 1 ? q : 0];
}
