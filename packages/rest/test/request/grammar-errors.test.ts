import { describe, expect, test } from "vitest";
import { errorOf, grammarError, parse } from "./parse.ts";

const FIELD_NAME = "field name (* or [a..z0..9_$])";
const OPERATOR = "operator (eq, gt, ...)";

/** What PostgREST's specs and documentation say of malformed parameters: [query, what failed, where, details]. */
const CASES: ReadonlyArray<readonly [query: string, subject: string, position: string, details: string]> = [
  ["id=0", "filter (0)", "line 1, column 1", `unexpected "0" expecting "not" or ${OPERATOR}`],
  ["id=val", "filter (val)", "line 1, column 1", `unexpected "v" expecting "not" or ${OPERATOR}`],
  ["a.b=noop.0", "filter (noop.0)", "line 1, column 1", `unexpected "o" expecting "not" or ${OPERATOR}`],
  ["id=", "filter ()", "line 1, column 1", `unexpected end of input expecting "not" or ${OPERATOR}`],
  ["id=eq", "filter (eq)", "line 1, column 3", `unexpected end of input expecting ${OPERATOR}`],
  ["id=fts().value", "filter (fts().value)", "line 1, column 5", `unexpected ")" expecting ${OPERATOR}`],
  ["id=eq().value", "filter (eq().value)", "line 1, column 4", `unexpected ")" expecting ${OPERATOR}`],
  ["id=is().value", "filter (is().value)", "line 1, column 3", `unexpected "(" expecting ${OPERATOR}`],
  ["id=in().value", "filter (in().value)", "line 1, column 3", `unexpected "(" expecting ${OPERATOR}`],
  ["id=is.nothing", "filter (is.nothing)", "line 1, column 7", `unexpected "h" expecting isVal: (null, not_null, true, false, unknown)`],
  ["id=not.val", "filter (not.val)", "line 1, column 5", `unexpected "v" expecting ${OPERATOR}`],
  ["id=in.1,2", "filter (in.1,2)", "line 1, column 4", `unexpected "1" expecting "("`],
  ["id=in.(1,2", "filter (in.(1,2)", "line 1, column 8", `unexpected end of input expecting "," or ")"`],

  ["order=id.ac", "order (id.ac)", "line 1, column 4", 'unexpected "c" expecting "asc", "desc", "nullsfirst" or "nullslast"'],
  ["order=id.descc", "order (id.descc)", "line 1, column 8", `unexpected 'c' expecting delimiter (.), "," or end of input`],
  ["order=id.nulsfist", "order (id.nulsfist)", "line 1, column 4", 'unexpected "n" expecting "asc", "desc", "nullsfirst" or "nullslast"'],
  ["order=id.nullslasttt", "order (id.nullslasttt)", "line 1, column 13", `unexpected 't' expecting "," or end of input`],
  ["order=id.smth34", "order (id.smth34)", "line 1, column 4", 'unexpected "s" expecting "asc", "desc", "nullsfirst" or "nullslast"'],
  ["order=id.asc.nlsfst", "order (id.asc.nlsfst)", "line 1, column 8", 'unexpected "l" expecting "nullsfirst" or "nullslast"'],
  ["order=id.asc.nullslasttt", "order (id.asc.nullslasttt)", "line 1, column 17", `unexpected 't' expecting "," or end of input`],
  ["order=id.asc.smth34", "order (id.asc.smth34)", "line 1, column 8", 'unexpected "s" expecting "nullsfirst" or "nullslast"'],
  ["order=clients(name,id)", "order (clients(name,id))", "line 1, column 8", `unexpected '(' expecting letter, digit, "-", "->>", "->", delimiter (.), "," or end of input`],
  ["order=", "order ()", "line 1, column 1", `unexpected end of input expecting ${FIELD_NAME}`],

  ["or=()", "logic tree (())", "line 1, column 4", `unexpected ")" expecting ${FIELD_NAME}, negation operator (not) or logic operator (and, or)`],
  ["or=(id.in.1,2,id.eq.3)", "logic tree ((id.in.1,2,id.eq.3))", "line 1, column 10", 'unexpected "1" expecting "("'],
  ["or=)(", "logic tree ()()", "line 1, column 3", 'unexpected ")" expecting "("'],
  ["and=(ord(id.eq.1,id.eq.1),id.eq.2)", "logic tree ((ord(id.eq.1,id.eq.1),id.eq.2))", "line 1, column 7", 'unexpected "d" expecting "("'],
  ["or=(id.eq.1,not.xor(id.eq.2,id.eq.3))", "logic tree ((id.eq.1,not.xor(id.eq.2,id.eq.3)))", "line 1, column 16", 'unexpected "x" expecting logic operator (and, or)'],

  ["select=id,clients(name[])", "select parameter (id,clients(name[]))", "line 1, column 16", `unexpected '[' expecting letter, digit, "-", "->>", "->", "::", ".", ")", "," or end of input`],
  ["select=data->>-78xy", "select parameter (data->>-78xy)", "line 1, column 11", `unexpected 'x' expecting digit, "->", "::", ".", "," or end of input`],
  ["select=data->>--34", "select parameter (data->>--34)", "line 1, column 9", 'unexpected "-" expecting digit'],
  ["select=data->>-xy-4", "select parameter (data->>-xy-4)", "line 1, column 9", 'unexpected "x" expecting digit'],
  ["select=name!hint", "select parameter (name!hint)", "line 1, column 5", `unexpected '!' expecting letter, digit, "-", "->>", "->", "::", ".", ")", "," or end of input`],
  ["select=name::", "select parameter (name::)", "line 1, column 7", "unexpected end of input expecting letter or digit"],
  [
    "select=data->(!@%23$%^%26*_d->>!@%23$%^%26*_e::integer", "select parameter (data->(!@#$%^&*_d->>!@#$%^&*_e::integer)", "line 1, column 7",
    'unexpected "(" expecting "-", digit or any non reserved character different from: .,>()',
  ],

  ["columns=", "columns parameter ()", "line 1, column 1", `unexpected end of input expecting ${FIELD_NAME}`],
  ["on_conflict=,", "on_conflict parameter (,)", "line 1, column 1", `unexpected "," expecting ${FIELD_NAME}`],
  ["!=eq.1", "tree path (!)", "line 1, column 1", `unexpected "!" expecting ${FIELD_NAME}`],
  ["a.!=eq.1", "tree path (a.!)", "line 1, column 3", `unexpected "!" expecting ${FIELD_NAME}`],
  ["!.or=(a.eq.1)", "logic path (!.or)", "line 1, column 1", `unexpected "!" expecting ${FIELD_NAME}`],
];

describe("a malformed parameter", () => {
  test.for(CASES)("%s", ([query, subject, position, details]) => {
    expect(errorOf(() => parse(`/items?${query}`))).toEqual(grammarError(subject, position, details));
  });

  test("counts characters, lines and tabs", () => {
    const where = (query: string) => errorOf(() => parse(`/items?${query}`))?.message.replace(/.*" /su, "");
    expect(where("select=%F0%A0%AE%B7%C3%A9!")).toBe("(line 1, column 3)");
    expect(where("or=(a.eq.%0A,!)")).toBe("(line 2, column 2)");
    expect(where("or=(%09!)")).toBe("(line 1, column 9)");
  });

  test("shows characters as Haskell does", () => {
    const details = (query: string) => errorOf(() => parse(`/items?${query}`))?.details;
    expect(details("id=%C3%A9")).toContain('unexpected "\\233"');
    expect(details("id=%22")).toContain('unexpected "\\""');
    expect(details("id=%0A")).toContain('unexpected "\\n"');
    expect(details("id=%01")).toContain('unexpected "\\SOH"');
    expect(details("select=a'")).toContain("unexpected '\\''");
  });

  test("of several, the order goes before logic, columns, select, filters and on_conflict", () => {
    const bad = ["on_conflict=!", "id=!", "select=a!", "columns=!", "or=!", "order=!"];
    const subjects = bad.map((_, index) => errorOf(() => parse(`/items?${bad.slice(0, index + 1).join("&")}`))?.message.split(" (")[0]);
    const failed = (what: string) => `"failed to parse ${what}`;
    expect(subjects).toEqual(["on_conflict parameter", "filter", "select parameter", "columns parameter", "logic tree", "order"].map(failed));
  });
});
