import { distance } from "fastest-levenshtein";

export interface Similarity {
  /** 0 to 1, which is equality but for case. */
  readonly score: number;
  readonly text: string;
}

/** Lengths of the character sequences that texts are compared by; the shorter only where the longer find nothing. */
const GRAM_SIZES = [3, 2];
/** How many of the texts that share most sequences are compared letter by letter. */
const COMPARED = 50;
/** Least score of a suggestion, unless a caller asks for more. */
const LEAST_SCORE = 0.33;
/** Least score of a table or routine that is suggested by its name: few are told to someone who guesses. */
export const SIMILAR_NAME = 0.75;

/**
 * The candidates that are like `text`, the most similar first: those that share n-grams with it (cosine
 * similarity), by their normalised Levenshtein distance. Gives what the fuzzyset library gives, on which
 * PostgREST's hints depend: https://hackage.haskell.org/package/fuzzyset
 *
 * Takes time in proportion to the candidates' length: for errors only.
 */
export function mostSimilar(text: string, candidates: Iterable<string>, leastScore: number = LEAST_SCORE): Similarity[] {
  const originals = originalsByKey(candidates);
  const key = text.toLowerCase();
  const equal = originals.get(key);
  if (equal !== undefined) return [{ score: 1, text: equal }];
  // Of a text that is longer by so much no candidate can reach the score.
  if (key.length * leastScore > longestOf(originals.keys())) return [];
  for (const size of GRAM_SIZES) {
    const found = similarities(key, originals, size).filter(({ score }) => score >= leastScore);
    if (found.length > 0) return found;
  }
  return [];
}

function longestOf(texts: Iterable<string>): number {
  let longest = 0;
  for (const { length } of texts) longest = Math.max(longest, length);
  return longest;
}

/** The first of several that differ in case only stands for all. */
function originalsByKey(candidates: Iterable<string>): ReadonlyMap<string, string> {
  const originals = new Map<string, string>();
  for (const candidate of candidates) {
    const key = candidate.toLowerCase();
    if (!originals.has(key)) originals.set(key, candidate);
  }
  return originals;
}

function similarities(key: string, originals: ReadonlyMap<string, string>, size: number): Similarity[] {
  const counts = gramCounts(gramsOf(key, size));
  return [...originals.keys()]
    .map((other) => ({ other, cosine: cosine(counts, gramsOf(other, size)) }))
    .filter((compared) => compared.cosine > 0)
    .sort((a, b) => b.cosine - a.cosine)
    .slice(0, COMPARED)
    .map(({ other }) => ({ score: 1 - distance(key, other) / Math.max(key.length, other.length), text: originals.get(other)! }))
    .sort((a, b) => b.score - a.score);
}

/** All sequences of `size` letters; dashes mark the text's ends. */
function gramsOf(key: string, size: number): string[] {
  const marked = `-${key.replace(/[^\p{L}\p{N}\s,]/gu, "")}-`;
  const grams: string[] = [];
  for (let start = 0; start + size <= marked.length; start++) grams.push(marked.slice(start, start + size));
  return grams;
}

function gramCounts(grams: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const gram of grams) counts.set(gram, (counts.get(gram) ?? 0) + 1);
  return counts;
}

function cosine(counts: ReadonlyMap<string, number>, others: readonly string[]): number {
  let product = 0;
  for (const gram of others) product += counts.get(gram) ?? 0;
  // Most names have nothing in common with the one looked for.
  return product === 0 ? 0 : product / (magnitude(counts) * magnitude(gramCounts(others)));
}

function magnitude(counts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count * count;
  return Math.sqrt(sum);
}
