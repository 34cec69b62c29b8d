import type { Routine } from "../../../packages/rest/src/schema-cache/routine.ts";
import { body, type Sent } from "./bodies.ts";
import { Dice } from "./dice.ts";
import { distortEncoded, distortPairs, distortText, encode } from "./distort.ts";
import { type Header, headers } from "./headers.ts";
import { modifiers, type Pair, select, stranger } from "./query.ts";
import { valueOf } from "./values.ts";
import { type KnownColumn, type KnownTable, type Vocabulary, written } from "./vocabulary.ts";

export interface FuzzRequest {
  readonly number: number;
  readonly method: string;
  /** Below the service's prefix, as it goes over the wire. */
  readonly path: string;
  /** Without the question mark, as it goes over the wire. */
  readonly query: string;
  readonly headers: readonly Header[];
  readonly body: string | Uint8Array | undefined;
  /** Nothing was distorted: every name is where the grammar has names, every value where it has values. */
  readonly plain: boolean;
}

interface Draft {
  readonly method: string;
  readonly segments: readonly string[];
  readonly pairs: readonly Pair[];
  readonly sent?: Sent;
}

const METHODS = ["OPTIONS", "HEAD", "GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "get", "QUERY", "LOCK"];
const PLACES = ["", "rpc", "tasks", "nothing", "rpc/nothing", "rpc/add/x", "hidden.vault", "vault", "pg_class", "tasks'", 'tasks"; drop table tasks; --', "TASKS", " tasks", "tasks ", "__proto__", "constructor", "é", "\u202e", ".", "..", "a\0b"];

/** The request of a number: always the same for a seed and a vocabulary. */
export function fuzzRequest(seed: number, number: number, vocabulary: Vocabulary): FuzzRequest {
  const dice = new Dice(seed, number);
  const draft = dice.oneIn(4) ? callDraft(dice, vocabulary) : tableDraft(dice, vocabulary);
  return dice.oneIn(2) ? assemble(dice, number, draft, true) : assemble(dice, number, distort(dice, draft), false);
}

function tableDraft(dice: Dice, vocabulary: Vocabulary): Draft {
  const table = dice.pick(vocabulary.tables);
  const segments = [table.name];
  switch (dice.int(16)) {
    case 0: case 1: return { method: "POST", segments, ...insertion(dice, table, vocabulary) };
    case 2: case 3: return { method: "PATCH", segments, pairs: changing(dice, table, vocabulary), sent: body(dice, someColumns(dice, table)) };
    case 4: return { method: "DELETE", segments, pairs: changing(dice, table, vocabulary) };
    case 5: return { method: "PUT", segments, ...put(dice, table) };
    case 6: return { method: "HEAD", segments, pairs: reading(dice, table, vocabulary) };
    case 7: return { method: dice.oneIn(4) ? "OPTIONS" : "GET", segments: dice.oneIn(6) ? [] : segments, pairs: reading(dice, table, vocabulary) };
    default: return { method: "GET", segments, pairs: reading(dice, table, vocabulary) };
  }
}

function reading(dice: Dice, table: KnownTable, vocabulary: Vocabulary): Pair[] {
  const selected = dice.oneIn(5) ? undefined : select(dice, table, vocabulary);
  const others = modifiers(dice, table, selected?.levels ?? []);
  return selected === undefined ? others : [["select", selected.text], ...others];
}

/** Of rows that there are, as often as not. */
function changing(dice: Dice, table: KnownTable, vocabulary: Vocabulary): Pair[] {
  if (dice.oneIn(2)) return reading(dice, table, vocabulary);
  return table.primaryKey.map(({ name, type }): Pair => [written(name), `eq.${type === "text" ? "x" : type === "date" ? "2024-05-05" : dice.int(4)}`]);
}

const someColumns = (dice: Dice, { columns }: KnownTable): KnownColumn[] => {
  const most = 1 + dice.few(5);
  return columns.filter(() => dice.int(columns.length) < most);
};

function insertion(dice: Dice, table: KnownTable, vocabulary: Vocabulary): Pick<Draft, "pairs" | "sent"> {
  const columns = someColumns(dice, table);
  const pairs: Pair[] = dice.oneIn(2) ? reading(dice, table, vocabulary).slice(0, 1) : [];
  if (dice.oneIn(4)) pairs.push(["columns", columns.map(({ name }) => written(name)).join(",") || "id"]);
  if (dice.oneIn(4)) pairs.push(["on_conflict", (dice.oneIn(2) ? table.primaryKey : columns).map(({ name }) => written(name)).join(",") || "id"]);
  return { pairs, sent: body(dice, columns) };
}

function put(dice: Dice, { columns, primaryKey }: KnownTable): Pick<Draft, "pairs" | "sent"> {
  const pairs = primaryKey.map(({ name }): Pair => [written(name), `eq.${dice.pick(["1", "2", "900", "x"])}`]);
  return { pairs: dice.oneIn(8) ? pairs.slice(1) : pairs, sent: body(dice, columns.slice(0, 1 + dice.int(columns.length))) };
}

function callDraft(dice: Dice, vocabulary: Vocabulary): Draft {
  const routine = dice.pick(vocabulary.routines);
  const segments = ["rpc", routine.name];
  const given = routine.params.filter(({ required }) => required || dice.oneIn(2)).map(({ name, type }) => ({ name, type }));
  const others = resultModifiers(dice, routine, vocabulary);
  if (dice.oneIn(2)) return { method: "POST", segments, pairs: others, sent: body(dice, given) };
  const values = given.flatMap((param): Pair[] => dice.many(dice.oneIn(6) ? 2 : 1, () => [param.name, valueOf(dice, param.type)] as const));
  return { method: dice.oneIn(5) ? dice.pick(["HEAD", "OPTIONS"]) : "GET", segments, pairs: [...values, ...others] };
}

function resultModifiers(dice: Dice, { returns }: Routine, vocabulary: Vocabulary): Pair[] {
  const table = returns.kind === "composite" ? vocabulary.byName.get(returns.type.name) : undefined;
  if (table !== undefined) return dice.oneIn(2) ? reading(dice, table, vocabulary) : [];
  if (!dice.oneIn(6)) return [];
  const pairs: Pair[] = [["select", dice.pick(["a", "b,a", "*", stranger(dice), "a::text"])], ["order", dice.pick(["a", "b.desc"])], ["limit", "1"]];
  return pairs.slice(0, 1 + dice.int(3));
}

function distort(dice: Dice, draft: Draft): Draft {
  switch (dice.int(8)) {
    case 0: return { ...draft, method: dice.pick(METHODS) };
    case 1: return { ...draft, segments: dice.pick(PLACES).split("/") };
    case 2: return { ...draft, segments: draft.segments.map((segment) => (dice.oneIn(2) ? distortText(dice, segment) : segment)) };
    case 3: return draft.sent === undefined ? { ...draft, method: "POST", sent: body(dice, []) } : { ...draft, sent: { ...draft.sent, body: typeof draft.sent.body === "string" ? distortText(dice, draft.sent.body) : draft.sent.body } };
    default: return { ...draft, pairs: distortPairs(dice, draft.pairs) };
  }
}

function assemble(dice: Dice, number: number, { method, segments, pairs, sent }: Draft, plain: boolean): FuzzRequest {
  const path = `/${segments.map((segment) => encode(dice, segment).replaceAll("/", "%2F")).join("/")}`;
  const query = pairs.map(([name, value]) => `${encode(dice, name)}=${encode(dice, value)}`).join("&");
  const named = headers(dice, sent !== undefined);
  if (sent?.contentType !== undefined) named.push(["Content-Type", sent.contentType]);
  const broken = !plain && dice.oneIn(8);
  return {
    number, method,
    path: broken && dice.oneIn(3) ? `/${distortEncoded(dice, path.slice(1))}` : path,
    query: broken ? distortEncoded(dice, query) : query,
    headers: named, body: sent?.body, plain,
  };
}

/** Enough to make the request again, by number or by hand. */
export function describeRequest(seed: number, { number, method, path, query, headers: named, body: sent, plain }: FuzzRequest): string {
  const shown = typeof sent === "string" || sent === undefined ? sent : { hex: Buffer.from(sent).toString("hex") };
  return `PLINTH_FUZZ_SEED=${seed} PLINTH_FUZZ_CASE=${number} npx vitest run test/fuzz\n${JSON.stringify({ method, path, query, headers: named, body: shown, plain })}`;
}
