import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { hashApiKey, hintOf, looksLikeApiKey, makeApiKey, parseApiKey } from "../../src/keys/api-key-form.ts";
import { createProjectKeys } from "../../src/keys/project-keys.ts";
import { createRefReader } from "../../src/keys/unverified-ref.ts";
import { NOW } from "./tokens.ts";

const FORM = /^sb_(publishable|secret)_[a-z0-9-]+_[0-9A-Za-z]{32}_[0-9a-f]{8}$/;

test("a key says its kind and its project, and can be told from what is no key without asking anybody", () => {
  for (const ref of ["a", "acme", "a-b-c", `z${"9".repeat(39)}`]) {
    for (const kind of ["publishable", "secret"] as const) {
      const key = makeApiKey(kind, ref);
      expect(key).toMatch(FORM);
      expect([looksLikeApiKey(key), parseApiKey(key), createRefReader()(key)]).toEqual([true, { kind, ref }, ref]);
      const at = key.lastIndexOf("_");
      expect(crc32(key.slice(0, at)).toString(16).padStart(8, "0")).toBe(key.slice(at + 1));
      expect(hintOf(key)).toBe(key.slice(0, `sb_${kind}_${ref}_`.length + 4));
      expect(hashApiKey(key)).toBe(createHash("sha256").update(key).digest("hex"));
    }
  }
});

test("a slip of the hand at any place makes it no key", () => {
  const key = makeApiKey("secret", "acme");
  for (let at = "sb_".length; at < key.length; at++) {
    const slip = key.slice(0, at) + (key[at] === "a" ? "b" : "a") + key.slice(at + 1);
    expect(parseApiKey(slip), slip).toBeUndefined();
    expect(parseApiKey(key.slice(0, at))).toBeUndefined();
    expect(createRefReader()(slip)).toBeUndefined();
  }
});

test("no two keys are alike, and every letter is as likely as another", () => {
  const made = Array.from({ length: 4_000 }, () => makeApiKey("secret", "a"));
  expect(new Set(made).size).toBe(made.length);
  const counts = new Map<string, number>();
  for (const key of made) for (const letter of key.slice("sb_secret_a_".length, -9)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  const expected = (made.length * 32) / 62;
  expect(counts.size).toBe(62);
  // Six times the standard deviation.
  for (const [letter, count] of counts) expect(Math.abs(count - expected), letter).toBeLessThan(6 * Math.sqrt(expected));
});

test("a key that ends holds until that very second", () => {
  let now = NOW;
  const key = makeApiKey("publishable", "acme");
  const keys = createProjectKeys({ ref: "acme", anonRole: "anon", requireApiKey: true, now: () => now, apiKeys: [{ hash: hashApiKey(key), kind: "publishable", role: "anon", expiresAt: (NOW + 1) * 1000 }] });
  const verify = () => keys.verify(key, new Request("http://backend/"));
  expect(verify()).toMatchObject({ role: "anon", authenticated: false, claims: { iss: "plinth", ref: "acme", role: "anon" } });
  now += 1;
  expect(verify).toThrow(expect.objectContaining({ code: "PLINTH_API_KEY_EXPIRED", status: 401 }));
});
