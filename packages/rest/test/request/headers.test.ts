import { describe, expect, test } from "vitest";
import { contentTypeHeader, mediaTypeName } from "../../src/media-type/media-type-name.ts";
import type { MediaType } from "../../src/media-type/media-type.ts";
import { parseAccept } from "../../src/media-type/parse-accept.ts";
import { parseMediaType } from "../../src/media-type/parse-media-type.ts";
import { NO_PREFERENCES, parsePreferences } from "../../src/request/parse-preferences.ts";
import { preferenceApplied } from "../../src/response/preference-applied.ts";
import { parse } from "./parse.ts";

describe("a media type", () => {
  const plan = (of: MediaType, format: string, ...options: string[]) => ({ kind: "plan", for: of, format, options });
  const CASES: ReadonlyArray<readonly [string, object, string]> = [
    ["application/json", { kind: "json" }, "application/json; charset=utf-8"],
    ["ApplicatIon/JSON;charset=utf-8", { kind: "json" }, "application/json; charset=utf-8"],
    ["application/vnd.pgrst.plan;", plan({ kind: "json" }, "text"), 'application/vnd.pgrst.plan+text; for="application/json"; charset=utf-8'],
    ['application/vnd.pgrst.plan ; for="text/xml" ; options=analyze', plan({ kind: "xml" }, "text", "analyze"), 'application/vnd.pgrst.plan+text; for="text/xml"; options=analyze; charset=utf-8'],
    ['application/vnd.pgrst.plan+json;for="text/csv"', plan({ kind: "csv" }, "json"), 'application/vnd.pgrst.plan+json; for="text/csv"; charset=utf-8'],
    [
      'application/vnd.pgrst.plan; for="text/xml"; options=wal|analyze|none', plan({ kind: "xml" }, "text", "analyze", "wal"),
      'application/vnd.pgrst.plan+text; for="text/xml"; options=analyze|wal; charset=utf-8',
    ],
    ["application/vnd.pgrst.array+json;nulls=stripped", { kind: "arrayStrip" }, "application/vnd.pgrst.array+json;nulls=stripped; charset=utf-8"],
    ["application/vnd.pgrst.array+json", { kind: "json" }, "application/json; charset=utf-8"],
    ["application/vnd.pgrst.object+json;NULLS=stripped", { kind: "singular", stripNulls: true }, "application/vnd.pgrst.object+json;nulls=stripped; charset=utf-8"],
    ["application/vnd.PgRsT.object", { kind: "singular", stripNulls: false }, "application/vnd.pgrst.object+json; charset=utf-8"],
    ["application/octet-stream", { kind: "octet-stream" }, "application/octet-stream"],
    ["application/vnd.twkb", { kind: "other", mime: "application/vnd.twkb" }, "application/vnd.twkb"],
    ["nonsense", { kind: "other", mime: "nonsense" }, "nonsense"],
  ];

  test.for(CASES)("%s", ([text, mediaType, header]) => {
    expect(parseMediaType(text)).toEqual(mediaType);
    expect(contentTypeHeader(parseMediaType(text))).toBe(header);
  });
});

describe("Accept", () => {
  const CASES: ReadonlyArray<readonly [string, string[]]> = [
    ["text/csv", ["text/csv"]],
    ["*/*, text/csv", ["text/csv", "*/*"]],
    ["text/csv;q=0.5, application/json;q=0.8, text/xml", ["text/xml", "application/json", "text/csv"]],
    ["text/csv, application/json", ["text/csv", "application/json"]],
    ["text/csv; q=0.9, application/vnd.pgrst.object+json; nulls=stripped; q=0.9", ["application/vnd.pgrst.object+json;nulls=stripped", "text/csv"]],
    ["text/csv;q=x,text/xml;q=0", ["text/csv", "text/xml"]],
    ["", []],
  ];

  test.for(CASES)("%s", ([header, names]) => {
    expect(parseAccept(header).map(mediaTypeName)).toEqual(names);
  });

  test("is anything where it isn't given", () => {
    expect(parse("/t").accept).toEqual([{ kind: "any" }]);
  });
});

describe("Prefer", () => {
  const preferences = (prefer: string, allowTxOverride = true) => parsePreferences(new Headers({ prefer }), allowTxOverride);

  test("is read from lists with any spaces, the first of each kind", () => {
    expect(preferences("count=exact,    tx=commit   ,return=representation , missing=default, handling=strict, anything, tx=rollback")).toEqual({
      ...NO_PREFERENCES, count: "exact", transaction: "commit", return: "representation", missing: "default", handling: "strict", invalid: ["anything"],
    });
    expect(preferences("resolution=ignore-duplicates, timezone=America/Los_Angeles, max-affected=100, timezone=UTC")).toEqual({
      ...NO_PREFERENCES, resolution: "ignore-duplicates", timezone: "America/Los_Angeles", maxAffected: 100,
    });
    expect(preferences("max-affected=many, Count=exact")).toEqual({ ...NO_PREFERENCES, invalid: ["Count=exact"] });
  });

  test("decides on the transaction only where that is allowed", () => {
    expect(preferences("tx=rollback", false)).toEqual(NO_PREFERENCES);
    expect(parse("/t", { headers: { prefer: "tx=rollback" } }).preferences.transaction).toBeUndefined();
    expect(parse("/t", { headers: { prefer: "tx=rollback" }, config: { txEnd: "commit-allow-override" } }).preferences.transaction).toBe("rollback");
  });

  test("is answered in PostgREST's order", () => {
    const sent = "max-affected=5, timezone=UTC, handling=strict, tx=commit, count=planned, return=minimal, missing=null, resolution=merge-duplicates";
    expect(preferenceApplied(preferences(sent))).toBe(
      "resolution=merge-duplicates, missing=null, return=minimal, count=planned, tx=commit, handling=strict, timezone=UTC, max-affected=5",
    );
    expect(preferenceApplied(preferences("max-affected=5"))).toBeUndefined();
  });
});
