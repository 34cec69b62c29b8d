import type { Dice } from "./dice.ts";
import { MARKED_NUMBER, MARKED_WORD, number, text, valueOf } from "./values.ts";
import { type KnownColumn, type KnownEmbed, type KnownTable, type Vocabulary, written } from "./vocabulary.ts";

/** Names the grammar takes that no schema has. */
const STRANGERS = ["AL1AS", "AL1AS2", "AL1AS x", '"AL1AS, (y)"', `"AL1AS'; drop"`, "AL1AS$", "ünïAL1AS", '"AL1AS\\"q"', "__proto__", "constructor"];

export const stranger = (dice: Dice): string => dice.pick(STRANGERS);

const SIMPLE = ["neq", "cs", "cd", "ov", "sl", "sr", "nxr", "nxl", "adj"];
const QUANTIFIED = ["eq", "gte", "gt", "lte", "lt", "like", "ilike", "match", "imatch"];
const SEARCHES = ["fts", "plfts", "phfts", "wfts"];
/** Operators that a type has. Others are asked for now and then. */
const FITTING: ReadonlyArray<readonly [type: RegExp, operators: readonly string[]]> = [
  [/json$/, ["isdistinct"]],
  [/\[\]$|jsonb/, ["cs", "cd", "eq", "neq"]],
  [/range$/, ["cs", "cd", "ov", "sl", "sr", "nxr", "nxl", "adj", "eq"]],
  [/point$|box|bit$|tsquery|point2/, ["isdistinct"]],
  [/tsvector/, SEARCHES],
  [/^text|character/, [...QUANTIFIED, "neq"]],
  [/./, ["eq", "neq", "gt", "gte", "lt", "lte"]],
];

const CASTS = ["text", "integer", "int", "bigint", "numeric", "json", "jsonb", "double precision", "timestamp with time zone", "mood", "text ", "AL1AS", "regclass", "bytea", "xml", "int4range", "oid", "name", "record", "void", "cstring"];
const FITTING_CASTS = ["text", "varchar", "name"];
const AGGREGATES = ["sum", "avg", "max", "min", "count"];
const KEYS = ["a", "b", "n", "k", "0", "-1", "1", "vip", MARKED_WORD, `"${MARKED_WORD}, \\"x\\""`, MARKED_NUMBER, "99999999999", "-", "a-b", "a b", "'", "''", '"\'); --"'];

const NO_COLUMN: KnownColumn = { name: "nothing", type: "text" };

const column = (dice: Dice, table: KnownTable): KnownColumn => (table.columns.length === 0 ? NO_COLUMN : dice.pick(table.columns));

const isJsonLike = ({ type }: KnownColumn): boolean => type.startsWith("json") || type.endsWith("point2") || type.endsWith("[]");

/** The last key of what is selected gives its column's name: there no key is a value. */
const NAMING_KEYS = KEYS.map((key) => key.replaceAll(MARKED_WORD, "AL1AS").replaceAll(MARKED_NUMBER, "7"));

const path = (dice: Dice, keys: readonly string[]): string => dice.many(1 + dice.few(3), () => dice.pick(["->", "->>"]) + dice.pick(keys)).join("");

const field = (dice: Dice, of: KnownColumn, keys = KEYS): string => written(of.name) + (dice.oneIn(isJsonLike(of) ? 2 : 30) ? path(dice, keys) : "");

export interface Select {
  readonly text: string;
  /** Embed paths below this level, and what they are of. */
  readonly levels: readonly Level[];
}

export interface Level {
  readonly path: string;
  readonly table: KnownTable;
  readonly toOne: boolean;
}

/** `select=` of a table, some levels deep. */
export function select(dice: Dice, table: KnownTable, vocabulary: Vocabulary, depth = 0): Select {
  const levels: Level[] = [];
  const items = dice.many(1 + dice.few(4), () => {
    if (table.embeds.length > 0 && depth < 4 && dice.oneIn(3)) return embed(dice, dice.pick(table.embeds), vocabulary, depth, levels);
    return selectItem(dice, table);
  });
  return { text: items.join(dice.oneIn(20) ? " , " : ","), levels };
}

function selectItem(dice: Dice, table: KnownTable): string {
  if (dice.oneIn(6)) return "*";
  if (dice.oneIn(25)) return `${dice.oneIn(2) ? "n:" : ""}count()`;
  const alias = dice.oneIn(5) ? `${stranger(dice)}:` : "";
  const cast = dice.oneIn(12) ? `::${dice.pick(dice.oneIn(2) ? FITTING_CASTS : CASTS)}` : "";
  const aggregate = dice.oneIn(30) ? `.${dice.pick(AGGREGATES)}()${dice.oneIn(3) ? `::${dice.pick(CASTS)}` : ""}` : "";
  return alias + field(dice, column(dice, table), NAMING_KEYS) + cast + aggregate;
}

function embed(dice: Dice, { name, target, toOne }: KnownEmbed, vocabulary: Vocabulary, depth: number, levels: Level[]): string {
  const table = vocabulary.byName.get(target);
  if (table === undefined) return "id";
  const spread = dice.oneIn(5);
  const alias = !spread && dice.oneIn(3) ? stranger(dice) : undefined;
  const join = dice.oneIn(4) ? "!inner" : dice.oneIn(8) ? "!left" : "";
  const inside: Select = dice.oneIn(8) ? { text: "", levels: [] } : select(dice, table, vocabulary, depth + 1);
  const own = alias ?? written(name.split("!")[0] as string);
  levels.push({ path: own, table, toOne }, ...inside.levels.map((level) => ({ ...level, path: `${own}.${level.path}` })));
  const [relation, hint] = name.split("!") as [string, string?];
  const hinted = hint !== undefined && !dice.oneIn(4) ? `!${written(hint)}` : "";
  return `${spread ? "..." : alias === undefined ? "" : `${alias}:`}${written(relation)}${hinted}${join}(${inside.text})`;
}

/** A value among others: quoted where it must be, and sometimes where it needn't. */
function listed(dice: Dice, value: string): string {
  return /[,()"\\{}]/.test(value) || dice.oneIn(6) ? `"${value.replaceAll(/["\\]/g, "\\$&")}"` : value;
}

const fitting = ({ type }: KnownColumn): readonly string[] => FITTING.find(([pattern]) => pattern.test(type))?.[1] ?? [];

/** `eq.value`, and everything else that may stand there. */
export function operation(dice: Dice, of: KnownColumn, within: (value: string) => string): string {
  const not = dice.oneIn(6) ? "not." : "";
  const value = (): string => valueOf(dice, of.type);
  if (!dice.oneIn(4)) return dice.oneIn(5) ? `${not}is.${dice.pick(["null", "not_null"])}` : `${not}${dice.pick(fitting(of))}.${within(value())}`;
  switch (dice.int(10)) {
    case 0: return `${not}in.(${dice.many(dice.few(5), () => listed(dice, value())).join(",")})`;
    case 1: return `${not}is.${dice.pick(["null", "not_null", "true", "false", "unknown", "NULL", "True"])}`;
    case 2: return `${not}${dice.pick(SIMPLE)}.${within(value())}`;
    case 3: return `${not}isdistinct.${within(value())}`;
    case 4: return `${not}${dice.pick(SEARCHES)}${dice.oneIn(3) ? `(${dice.pick(["english", "simple", MARKED_WORD])})` : ""}.${within(text(dice))}`;
    case 5: return `${not}${dice.pick(QUANTIFIED)}(${dice.pick(["any", "all"])}).${within(dice.oneIn(2) ? `{${value()},${value()}}` : "{1,2}")}`;
    case 6: return `${not}${dice.pick(QUANTIFIED)}.${within(value())}`;
    default: return `${not}${dice.oneIn(2) ? "eq" : "neq"}.${within(value())}`;
  }
}

const asIs = (value: string): string => value;

export type Pair = readonly [name: string, value: string];

export function filter(dice: Dice, table: KnownTable, prefix: string): Pair {
  const of = column(dice, table);
  return [prefix + field(dice, of), operation(dice, of, asIs)];
}

export function logicTree(dice: Dice, table: KnownTable, depth: number): string {
  if (depth > 3 || dice.oneIn(2)) {
    const of = column(dice, table);
    return `${field(dice, of)}.${operation(dice, of, (value) => listed(dice, value))}`;
  }
  return `${dice.oneIn(4) ? "not." : ""}${dice.pick(["and", "or"])}(${dice.many(1 + dice.few(3), () => logicTree(dice, table, depth + 1)).join(",")})`;
}

export function order(dice: Dice, table: KnownTable, levels: readonly Level[]): string {
  return dice.many(1 + dice.few(2), () => {
    const embedded = levels.filter((level) => level.toOne && !level.path.includes("."));
    const related = embedded.length > 0 && dice.oneIn(3) ? dice.pick(embedded) : undefined;
    const of = related === undefined ? field(dice, column(dice, table)) : `${related.path}(${field(dice, column(dice, related.table))})`;
    return of + dice.pick(["", "", ".asc", ".desc"]) + dice.pick(["", "", ".nullsfirst", ".nullslast"]);
  }).join(",");
}

const LIMITS = ["0", "1", "2", "10", "-1", "", "x", " 1", "1.5", "9223372036854775808"];

/** What narrows and sorts the rows of each level. */
export function modifiers(dice: Dice, table: KnownTable, levels: readonly Level[]): Pair[] {
  const pairs: Pair[] = dice.many(dice.few(3), () => filter(dice, table, ""));
  if (dice.oneIn(4)) pairs.push([`${dice.oneIn(4) ? "not." : ""}${dice.pick(["and", "or"])}`, `(${dice.many(1 + dice.few(3), () => logicTree(dice, table, 0)).join(",")})`]);
  if (dice.oneIn(3)) pairs.push(["order", order(dice, table, levels)]);
  if (dice.oneIn(5)) pairs.push(["limit", limit(dice)]);
  if (dice.oneIn(8)) pairs.push(["offset", limit(dice)]);
  for (const level of levels) pairs.push(...embeddedModifiers(dice, level));
  return pairs;
}

const limit = (dice: Dice): string => (dice.oneIn(6) ? number(dice) : dice.pick(LIMITS));

function embeddedModifiers(dice: Dice, { path, table }: Level): Pair[] {
  switch (dice.int(8)) {
    case 0: return [filter(dice, table, `${path}.`)];
    case 1: return [[`${path}.order`, order(dice, table, [])]];
    case 2: return [[`${path}.${dice.pick(["limit", "offset"])}`, limit(dice)]];
    case 3: return [[`${path}.${dice.oneIn(3) ? "not." : ""}or`, `(${logicTree(dice, table, 2)},${logicTree(dice, table, 2)})`]];
    case 4: return [[path, dice.pick(["is.null", "not.is.null", "not.is.null", "eq.1"])]];
    default: return [];
  }
}
