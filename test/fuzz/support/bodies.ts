import type { Dice } from "./dice.ts";
import { CONTENT_TYPES } from "./headers.ts";
import { jsonOf, MARKED_WORD, valueOf } from "./values.ts";
import type { KnownColumn } from "./vocabulary.ts";

export interface Sent {
  readonly body: string | Uint8Array;
  readonly contentType: string | undefined;
}

const key = (dice: Dice, name: string): string => JSON.stringify(dice.oneIn(60) ? dice.pick(["__proto__", "", `K3Y${MARKED_WORD}`, "toString", "id\0"]) : name);

const object = (dice: Dice, columns: readonly KnownColumn[]): string => `{${columns.map(({ name, type }) => `${key(dice, name)}:${jsonOf(dice, type)}`).join(",")}}`;

function json(dice: Dice, columns: readonly KnownColumn[]): string {
  if (dice.oneIn(3)) return `[${dice.many(dice.few(4), () => object(dice, dice.oneIn(12) ? columns.slice(1) : columns)).join(",")}]`;
  return object(dice, columns);
}

const csvField = (dice: Dice, value: string): string => (/[",\r\n]/.test(value) || dice.oneIn(8) ? `"${value.replaceAll('"', '""')}"` : value);

function csv(dice: Dice, columns: readonly KnownColumn[]): string {
  const lines = [columns.map(({ name }) => csvField(dice, name)).join(",")];
  for (let rows = dice.few(4); rows > 0; rows--) lines.push(columns.map(({ type }) => (dice.oneIn(8) ? "NULL" : csvField(dice, valueOf(dice, type)))).join(","));
  return lines.join(dice.oneIn(3) ? "\r\n" : "\n") + dice.pick(["", "\n", "\n\n"]);
}

const formField = (value: string): string => encodeURIComponent(value.replaceAll(/\p{Surrogate}/gu, "?"));

const form = (dice: Dice, columns: readonly KnownColumn[]): string => columns.map(({ name, type }) => `${formField(name)}=${formField(valueOf(dice, type))}`).join("&");

const GARBAGE = [
  "", " ", "null", "true", "7", '"text"', "[]", "{}", "[{}]", "[{},{}]", "[[]]", "[null]", "[1,{}]", "{", "[", "}", "{,}", '{"a"', '{"id":1}}', '{"id":1}{"id":2}', '{"id":01}', "{'id':1}", '{"id":NaN}', "\0", '{"id":1}\0', "\ufeff{}", "//", '{"id":1,"id":2}', '{"id":"\\ud800"}', '{"id":"\\u0000"}',
  "[".repeat(3_000), `${"[".repeat(1_500)}${"]".repeat(1_500)}`, '{"a":'.repeat(2_500), "id\n1", '"id\n1', 'id,id\n1,2', ",\n,", "a=1&a=2", "=", "&", "%", "a=%00", "a=%ff", "id=1;id=2", `${MARKED_WORD}'; drop table tasks; --`, "\ud800", "\n\n\n",
];

const MAKERS: Readonly<Record<string, (dice: Dice, columns: readonly KnownColumn[]) => string>> = { "application/json": json, "text/csv": csv, "application/x-www-form-urlencoded": form };

const UNREADABLE = Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d);

/** A body that has values for the columns, mostly of the type that it is said to be. */
export function body(dice: Dice, columns: readonly KnownColumn[]): Sent {
  if (dice.oneIn(12)) return { body: dice.oneIn(12) ? UNREADABLE : dice.pick(GARBAGE), contentType: dice.oneIn(3) ? undefined : dice.pick(CONTENT_TYPES) };
  const type = dice.oneIn(4) ? dice.pick(["text/csv", "application/x-www-form-urlencoded"]) : "application/json";
  const made = (MAKERS[type] as typeof json)(dice, columns);
  return { body: made, contentType: dice.oneIn(20) ? dice.pick(CONTENT_TYPES) : type === "application/json" && dice.oneIn(3) ? undefined : type };
}
