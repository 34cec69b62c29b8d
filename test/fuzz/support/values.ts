import type { Dice } from "./dice.ts";

/** In nearly all values: neither may ever get into a statement's text. */
export const MARKED_WORD = "V4LU3";
export const MARKED_NUMBER = "73400219";

const SQL = [
  `'; drop table tasks; --${MARKED_WORD}`, `" or "1"="1${MARKED_WORD}`, `' || (select secret from vault limit 1) || '${MARKED_WORD}`, `$1) or (true${MARKED_WORD}`,
  `\\' or 1=1 --${MARKED_WORD}`, `$$; delete from tasks; $$${MARKED_WORD}`, `${MARKED_WORD}') union select secret from vault --`, `/*${MARKED_WORD}*/`, `E'\\x27${MARKED_WORD}`,
];

const ODD = [
  "", " ", "null", "NULL", "*", "%", "a,b", "a)b", "(a", '"', "\\", '\\"', "{", "}", "{}", "[", "a.b", "a:b", "a;b", "a&b", "a=b", "a+b", "a b", "é", "日本語", "🔑", "\u202e", "\ufeff", "\t", "\n", "\r\n",
  "\u0001", "\u007f", "ß", "ﬁ", "İ", "e\u0301", "true", "0", "-0", "1e3", "0x1f", "__proto__", "constructor", "a".repeat(300),
];

const KNOWN_TEXTS = ["Ada", "Engine", "design", "ann", "a fat cat", "x", "anon", "root"];

export function text(dice: Dice): string {
  switch (dice.int(8)) {
    case 0: return dice.pick(SQL);
    case 1: return dice.pick(ODD);
    case 2: return dice.pick(ODD) + MARKED_WORD + dice.pick(ODD);
    case 3: case 4: return dice.pick(KNOWN_TEXTS);
    default: return MARKED_WORD;
  }
}

const NUMBERS = ["0", "1", "2", "3", "-1", "1.5", "1e2", "NaN", "Infinity", "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808", `1${"0".repeat(40)}`, "1e400", "0x10", "1_000", "٣", "", " 1 "];

export const number = (dice: Dice): string => (dice.oneIn(3) ? MARKED_NUMBER : dice.oneIn(8) ? dice.pick(NUMBERS) : String(dice.int(4)));

const from = (...values: readonly string[]) => (dice: Dice): string => (dice.oneIn(2) ? (values[0] as string) : dice.oneIn(8) ? text(dice) : dice.pick(values));

/** What values of a type look like; of types that aren't here, text. */
const MAKERS: ReadonlyMap<string, (dice: Dice) => string> = new Map([
  ...["smallint", "integer", "bigint", "numeric", "real", "double precision", "oid"].map((type) => [type, number] as const),
  ["boolean", from("true", "false", "t", "1", "yes", "unknown", "null")],
  ["date", from("2024-02-29", "infinity", "today", "2024-13-01", "0001-01-01 BC")],
  ["timestamp with time zone", from("2024-01-01T00:00:00Z", "2024-01-01 00:00+02", "now", "294277-01-01")],
  ["timestamp without time zone", from("2024-02-29T10:00", "epoch", "-infinity")],
  ["time without time zone", from("10:00", "24:00", "25:00")],
  ["interval", from("1 day", "P1Y2M", "-1 mon", "999999999 years")],
  ["uuid", from("00000000-0000-4000-8000-000000000001", "{00000000000040008000000000000001}")],
  ["bytea", from("\\xdeadbeef", "\\x0", "abc\\000")],
  ["json", from("{}", '{"a":1}', "[1,2]", "null", '"x"', "{")],
  ["jsonb", from("{}", '{"a":{"b":[1,"x"]}}', "[1,2]", "null", '{"a":1,"a":2}', '"\\u0000"', "[")],
  ["integer[]", from("{1,2}", "{}", "{null}", "{{1},{2}}", "[2:3]={1,2}", "{1,")],
  ["text[]", from("{x}", '{"y,z"}', "{NULL}", `{${MARKED_WORD}}`, "{\"}")],
  ["public.mood", from("sad", "ok", "elated")],
  ["public.mood[]", from("{sad}", "{sad,ok}", "{elated}")],
  ["public.point2", from("(1,2,p)", "(,,)", "(1,2)", '(1,2,")")')],
  ["int4range", from("[1,5)", "(1,)", "empty", "[5,1)", "(,)")],
  ["tstzrange", from("[2024-01-01,2024-02-01)", "empty", "(,now]")],
  ["int4multirange", from("{[1,3),[5,7)}", "{}", "{[3,1)}")],
  ["inet", from("10.0.0.1", "::1", "10.0.0.0/8", "999.0.0.1")],
  ["bit", from("1010", "2", "x0f")],
  ["tsvector", from("a fat cat", "'a':1 'b':2")],
  ["tsquery", from("fat & cat", "!fat", "fat <-> cat", "& cat")],
  ["point", from("(1,2)", "1,2", "nan")],
  ["public.color", from("#0000FF", "#ff", "ff", "#zz")],
]);

/** A value as the URL has it. */
export const valueOf = (dice: Dice, type: string): string => (dice.oneIn(20) ? text(dice) : (MAKERS.get(type) ?? text)(dice));

/** A value as JSON text. */
export function jsonOf(dice: Dice, type: string): string {
  if (dice.oneIn(8)) return "null";
  if (dice.oneIn(24)) return dice.pick([`{"k":"${MARKED_WORD}"}`, `["${MARKED_WORD}",${MARKED_NUMBER}]`, "true", "[[[]]]", '""', "1e400", "-0", "12345678901234567890123", '"\\u0000"', '"\\ud800"', '"\\udc00x"', '{"":{}}', '"\ud83d"']);
  const value = valueOf(dice, type);
  if ((type.startsWith("json") || type === "integer") && isJson(value) && !dice.oneIn(6)) return value;
  return JSON.stringify(value);
}

function isJson(value: string): boolean {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
