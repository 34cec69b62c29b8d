import type { Dice } from "./dice.ts";
import type { Pair } from "./query.ts";

const TOKEN = /[\p{L}\p{N}_]+|->>?|::|\.\.\.|[^\p{L}\p{N}_]/gu;

const INTRUDERS = [
  "", "(", ")", "((", "))", ",", ",,", ".", "..", "...", ":", "::", "!", "!inner", "!left", "->", "->>", "-", '"', "\\", "'", ";", "--", "/*", "*", "%", "&", "=", "+", " ", "\t", "\n", "\0", "\u0001", "é", "🔑", "\ud800", "\udfff", "{", "}", "$1", "$$", "0", "-1", "99999999999999999999",
  "not", "and", "or", "not.", "and(", "or(", "in.(", "is.null", "eq.", "eq", "fts(", "any", "(any).", "count()", ".sum()", "count", "sum", "null", "select", "order", "limit", "offset", "columns", "on_conflict", "__proto__", "constructor", "tasks", "nothing", "x".repeat(70), "clients(", "::int", "::text)", "asc", ".desc.nullslast",
];

/** A text with a token or two dropped, doubled, swapped or put in. */
export function distortText(dice: Dice, text: string): string {
  const tokens: string[] = text.match(TOKEN) ?? [];
  for (let changes = 1 + dice.few(3); changes > 0; changes--) {
    const at = dice.int(tokens.length + 1);
    switch (dice.int(5)) {
      case 0: tokens.splice(at, 1); break;
      case 1: tokens.splice(at, 0, tokens[at] ?? ""); break;
      case 2: [tokens[at], tokens[0]] = [tokens[0] ?? "", tokens[at] ?? ""]; break;
      case 3: tokens.splice(at, 1, dice.pick(INTRUDERS)); break;
      default: tokens.splice(at, 0, dice.pick(INTRUDERS));
    }
  }
  return tokens.join("");
}

const NAMES = ["select", "order", "limit", "offset", "columns", "on_conflict", "and", "or", "not.or", "apikey", "", ".", "a.", ".a", "tasks.order", "tasks.limit", "nothing.select", "not", "not.and.or", "id", "select.", "x.select"];

/** Parameters with something wrong among them. */
export function distortPairs(dice: Dice, pairs: readonly Pair[]): Pair[] {
  const changed = [...pairs];
  const at = dice.int(Math.max(changed.length, 1));
  const [name, value] = changed[at] ?? ["select", "*"];
  switch (dice.int(8)) {
    case 0: changed.push([name, value]); break;
    case 1: changed.splice(at, 1); break;
    case 2: changed[at] = [dice.pick(NAMES), value]; break;
    case 3: changed[at] = [distortText(dice, name), value]; break;
    case 4: changed[at] = [value, name]; break;
    default: changed[at] = [name, distortText(dice, value)];
  }
  return changed;
}

const BROKEN = ["%", "%zz", "%0", "%00", "%ff", "%c3", "%ed%a0%80", "%f0%9f", "%e2%80%ae", "&", "&&", ";", "=", "==", "#", "?", "+", "%2B", "%26", "%3D", "%25", "%2500", "\ud800", "\u0000", "é", "%u0041", "//", "../", "%2e%2e/", "%2F"];

/** A query or path, as it goes over the wire, with something broken in it. */
export function distortEncoded(dice: Dice, encoded: string): string {
  const at = dice.int(encoded.length + 1);
  if (dice.oneIn(4)) return encoded.slice(0, at);
  return encoded.slice(0, at) + dice.pick(BROKEN) + encoded.slice(dice.oneIn(2) ? at : at + 1);
}

const RESERVED = /[%&;+#=\0-\x20\x7f]/g;

const percent = (text: string): string => encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, "\ufffd"));

/** Percent escapes, as few as needed or as clients usually have them. */
export function encode(dice: Dice, text: string): string {
  if (/^[\w.*(),:>!-]*$/.test(text)) return text;
  switch (dice.int(6)) {
    case 0: return percent(text);
    case 1: return percent(text).replaceAll("%20", "+");
    case 2: return percent(text).replaceAll(/%[\dA-F]{2}/g, (escape) => escape.toLowerCase());
    default: return text.replaceAll(RESERVED, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
  }
}
