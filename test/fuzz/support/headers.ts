import type { Dice } from "./dice.ts";
import { MARKED_WORD, text } from "./values.ts";

const PREFERENCES = [
  "return=representation", "return=minimal", "return=headers-only", "count=exact", "count=planned", "count=estimated", "resolution=merge-duplicates", "resolution=ignore-duplicates",
  "missing=default", "missing=null", "handling=strict", "handling=lenient", "max-affected=1", "max-affected=0", "max-affected=-1", "max-affected=9999999999999999999", "max-affected=x", "timezone=Europe/Paris", "timezone=UTC", `timezone=${MARKED_WORD}`,
  "timezone=", "timezone='; drop table tasks; --", "timezone=UTC', 'x", "return=", "return=all", "nothing", "", "count", "=exact", "Count=Exact",
];
const ACCEPTS = [
  "application/json", "*/*", "text/csv", "application/vnd.pgrst.object+json", "application/vnd.pgrst.object+json;nulls=stripped", "application/vnd.pgrst.array+json;nulls=stripped", "application/vnd.pgrst.plan+json", "application/vnd.pgrst.plan+text; options=verbose|buffers",
  'application/vnd.pgrst.plan+json; for="text/csv"; options=analyze|settings', 'application/vnd.pgrst.plan; for="application/vnd.pgrst.plan"', "application/geo+json", "text/plain", "text/xml", "application/octet-stream", "application/openapi+json", "image/png", "text/html,application/xml;q=0.9,*/*;q=0.8",
  "application/json;q=0", "a/b;q=x, text/csv;q=2", "", ",", ";", "/", "*", "application/vnd.pgrst.object", `x/${MARKED_WORD}`, 'x/y;a="', "application/json; charset=utf-8, text/csv",
];
/** Answered, and asked for by clients that mean it. */
const USUAL_PREFERENCES = ["return=representation", "return=minimal", "count=exact", "resolution=merge-duplicates", "missing=default", "timezone=UTC", "handling=lenient"];
const USUAL_ACCEPTS = ["application/json", "*/*", "text/csv", "application/vnd.pgrst.array+json;nulls=stripped", "application/vnd.pgrst.object+json"];
const RANGES = ["0-1", "0-", "1-0", "-1", "0-0", "5-10", "99999999999999999999-", "0-99999999999999999999", "x-y", "", "bytes=0-1", "1-1,2-3", "0 - 1", "00-01"];
const PROFILES = ["public", "other", "hidden", "pg_catalog", "public, other", "", "PUBLIC", 'public"; drop', "information_schema", `${MARKED_WORD}`];
const NAMES = ["X-Own", "Cookie", "X-Forwarded-For", "Origin", "If-None-Match", "X-HTTP-Method-Override", "Accept-Encoding", "User-Agent", "Range-Unit", "Accept-Language"];
export const CONTENT_TYPES = ["application/json", "application/json; charset=utf-8", "text/csv", "application/x-www-form-urlencoded", "text/plain", "text/xml", "application/octet-stream", "application/vnd.pgrst.object+json", "", "json", "multipart/form-data; boundary=x", "application/JSON", "*/*"] as const;

export type Header = readonly [name: string, value: string];

/** A header's value is Latin-1 without control characters; text beyond goes as its UTF-8 bytes. */
export const sendable = (value: string): string => Buffer.from(value.replaceAll(/[\0-\x08\x0a-\x1f\x7f]/g, "?")).toString("latin1");

export function headers(dice: Dice, writes: boolean): Header[] {
  const sent: Header[] = [];
  if (dice.oneIn(writes ? 2 : 3)) sent.push(["Prefer", dice.many(1 + dice.few(4), () => dice.pick(dice.oneIn(3) ? PREFERENCES : USUAL_PREFERENCES)).join(dice.oneIn(4) ? "," : ", ")]);
  if (dice.oneIn(5)) sent.push(["Accept", dice.pick(USUAL_ACCEPTS)]);
  else if (dice.oneIn(10)) sent.push(["Accept", dice.oneIn(3) ? `${dice.pick(ACCEPTS)}, ${dice.pick(ACCEPTS)}` : dice.pick(ACCEPTS)]);
  if (dice.oneIn(10)) sent.push(["Range", dice.pick(RANGES)]);
  if (dice.oneIn(16)) sent.push(["Range-Unit", dice.pick(["items", "bytes", ""])]);
  if (dice.oneIn(30)) sent.push([dice.oneIn(2) ? "Accept-Profile" : "Content-Profile", dice.pick(PROFILES)]);
  if (dice.oneIn(8)) sent.push([dice.pick(NAMES), sendable(dice.oneIn(2) ? `a=${text(dice)}; b="${text(dice)}"; a` : text(dice))]);
  return sent;
}
