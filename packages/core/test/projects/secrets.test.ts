import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createKeyRing } from "../../src/secrets/key-ring.ts";
import { readOrMakeMasterKeyFile } from "../../src/secrets/master-key-file.ts";

const BYTES = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7));
const OTHER = "another passphrase, and a long one at that";
const CONTEXT = { ref: "acme", purpose: "credentials" };

describe("a key ring", () => {
  test("opens what it sealed, and never writes the same text twice", async () => {
    const ring = await createKeyRing({ masterKey: BYTES.toString("base64") });
    const [first, second] = [ring.seal("sësame", CONTEXT), ring.seal("sësame", CONTEXT)];
    expect(first).not.toBe(second);
    expect(first).toContain(`.${ring.currentKeyId}.`);
    expect(first).not.toContain("same");
    expect([first, second].map((text) => ring.open(text, CONTEXT))).toEqual(["sësame", "sësame"]);
  });

  test.each(["hex", "base64", "base64url"] as const)("takes the same 32 bytes as %s for the same key", async (form) => {
    const sealed = (await createKeyRing({ masterKey: BYTES.toString("base64") })).seal("x", CONTEXT);
    expect((await createKeyRing({ masterKey: BYTES.toString(form) })).open(sealed, CONTEXT)).toBe("x");
  });

  test.each([
    ["another project", { ref: "acme2", purpose: "credentials" }],
    ["another purpose", { ref: "acme", purpose: "jwt-secret" }],
  ])("does not open a secret in the place of %s's", async (_, context) => {
    const ring = await createKeyRing({ masterKey: OTHER });
    const sealed = ring.seal("x", CONTEXT);
    expect(() => ring.open(sealed, context)).toThrow(expect.objectContaining({ code: "PLINTH_MASTER_KEY_INVALID" }));
  });

  test("does not open what was changed", async () => {
    const ring = await createKeyRing({ masterKey: OTHER });
    const sealed = ring.seal("x".repeat(30), CONTEXT);
    const at = sealed.length - 10;
    const changed = sealed.slice(0, at) + (sealed[at] === "A" ? "B" : "A") + sealed.slice(at + 1);
    for (const text of [changed, "", "plinth1", sealed.slice(0, -30), `${sealed}.x`, "password"]) {
      expect(() => ring.open(text, CONTEXT), text).toThrow(expect.objectContaining({ code: "PLINTH_MASTER_KEY_INVALID" }));
    }
  });

  test("says in words that the key is another, without showing it", async () => {
    const sealed = (await createKeyRing({ masterKey: OTHER })).seal("x", CONTEXT);
    const ring = await createKeyRing({ masterKey: BYTES.toString("hex") });
    const error = await Promise.resolve().then(() => ring.open(sealed, CONTEXT)).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: "PLINTH_MASTER_KEY_INVALID", message: expect.stringMatching(/credentials of "acme".*written with the key/) });
    expect(JSON.stringify(error) + (error as Error).message).not.toContain(BYTES.toString("hex"));
  });

  test("reads with earlier master keys and writes with the present one", async () => {
    const old = await createKeyRing({ masterKey: OTHER });
    const rotated = await createKeyRing({ masterKey: BYTES.toString("hex"), previousMasterKeys: [OTHER] });
    expect(rotated.open(old.seal("x", CONTEXT), CONTEXT)).toBe("x");
    expect(() => old.open(rotated.seal("y", CONTEXT), CONTEXT)).toThrow(expect.objectContaining({ code: "PLINTH_MASTER_KEY_INVALID" }));
  });

  test("refuses a key that is too short", async () => {
    await expect(createKeyRing({ masterKey: "x".repeat(31) })).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID" });
  });
});

describe("the key file", () => {
  let directory: string;
  beforeAll(async () => void (directory = await mkdtemp(join(tmpdir(), "plinth-key-"))));
  afterAll(() => rm(directory, { recursive: true }));

  test("is made once however many ask at the same time, for its owner alone", async () => {
    const path = join(directory, "new", "master.key");
    const keys = await Promise.all(Array.from({ length: 20 }, async () => (await readOrMakeMasterKeyFile(path)).masterKey));
    expect(new Set(keys).size).toBe(1);
    expect(Buffer.from(keys[0] as string, "base64")).toHaveLength(32);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await readFile(path, "utf8")).trim()).toBe(keys[0]);
    expect(await readOrMakeMasterKeyFile(path)).toEqual({ masterKey: keys[0], previousMasterKeys: [] });
  });

  test("is never made anew over an empty one", async () => {
    const path = join(directory, "empty.key");
    await writeFile(path, "\n");
    await expect(readOrMakeMasterKeyFile(path)).rejects.toMatchObject({ code: "PLINTH_MASTER_KEY_INVALID" });
  });
});
