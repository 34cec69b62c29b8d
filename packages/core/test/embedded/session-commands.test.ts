import { expect, test } from "vitest";
import { sessionCommands } from "../../src/database/embedded/wire/session-commands.ts";

test.each([
  ["listen News", [{ listen: "news" }]],
  ['LISTEN "New""s"; unlisten a', [{ listen: 'New"s' }, { unlisten: "a" }]],
  ["unlisten *", [{ unlisten: null }]],
  ["discard all", [{ unlisten: null }]],
  ["discard plans; discard temp", []],
  ["select 'listen a'; -- listen b\n/* listen /* nested */ c; listen d */ listen e", [{ listen: "e" }]],
  ["select $$; listen a; $$; select $x$; listen b; $$ listen c; $x$", []],
  ["select e'\\'; listen a; '; select 'it''s; listen b'", []],
  ['select "; listen a;" from listen', []],
  ["create function f() returns void language sql as 'listen a'", []],
  [`listen ${"é".repeat(40)}`, [{ listen: "é".repeat(31) }]],
  ["listen ÄBC", [{ listen: "Äbc" }]],
])("%s", (sql, intents) => {
  expect(sessionCommands(sql).intents).toEqual(intents);
});

test.each([
  ["copy t from stdin", true],
  ["begin; COPY public.t (a, b) FROM STDIN with (format csv)", true],
  ["copy t to stdout -- from stdin", false],
  ["copy t from '/tmp/x'", false],
  ["select 'copy t from stdin'", false],
  ["insert into stdin select 1", false],
])("%s copies from the client: %s", (sql, copies) => {
  expect(sessionCommands(sql).copiesFromClient).toBe(copies);
});
