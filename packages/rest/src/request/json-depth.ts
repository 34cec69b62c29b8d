/** PostgreSQL reads JSON recursively, and gives up where its stack ends: at some thousands of levels, by the platform. */
export const MAX_JSON_DEPTH = 2_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** What each bracket does to the depth. */
const STEPS: Readonly<Record<number, 1 | -1>> = { 0x5b: 1, 0x7b: 1, 0x5d: -1, 0x7d: -1 };

/** Whether arrays and objects are nested more than `limit` deep, in text that may or may not be JSON. */
export function isDeeperThan(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) i = endOfString(text, i);
    else if ((depth += STEPS[code] ?? 0) > limit) return true;
  }
  return false;
}

/** @param start of its opening quote @returns where its closing quote is; the text's length where there is none */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text.charCodeAt(i) !== QUOTE) i += text.charCodeAt(i) === BACKSLASH ? 2 : 1;
  return i;
}

/** The same of a value of which nobody knows yet whether it is JSON, or where in it: strings count as well. */
export function hasDeepBrackets(text: string): boolean {
  if (text.length <= MAX_JSON_DEPTH) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if ((depth += STEPS[text.charCodeAt(i)] ?? 0) > MAX_JSON_DEPTH) return true;
  }
  return false;
}
