import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { createTestBackend } from "@plinth/testing";
import { type Backend, createBackend, signToken } from "plinth";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const NEW_KEY = Buffer.alloc(32, 7).toString("base64");

describe("the master key in the data folder", () => {
  let dataDirectory: string;
  beforeEach(async () => void (dataDirectory = await mkdtemp(join(tmpdir(), "plinth-master-key-"))));
  afterEach(() => rm(dataDirectory, { recursive: true }));

  const open = (options = {}): Promise<Backend> => createBackend({ dataDirectory, databaseUrl: false, ...options });
  const key = async (): Promise<string> => (await readFile(join(dataDirectory, "master.key"), "utf8")).trim();
  const keyFiles = async (): Promise<string[]> => (await readdir(dataDirectory)).filter((name) => name.startsWith("master.key"));

  /** Whether the project is served, by what of it is sealed. */
  async function isServed(backend: Backend): Promise<boolean> {
    const { anonKey } = await backend.projects.get("default");
    const token = await backend.projects.keys("default").signToken({ role: "service_role" });
    return (await backend.fetch("http://backend/rest/v1/", { headers: { apikey: anonKey, authorization: `Bearer ${token}` } })).ok;
  }

  test("is another one after a rotation, which is served through; the former one is gone", async () => {
    const backend = await open();
    await backend.projects.keys("default").createSigningKey();
    await backend.projects.keys("default").rotateSigningKey({ overlapMs: 0 });
    const former = await key();
    const { resealed, retired } = await backend.rotateMasterKey();
    expect({ resealed, retired: retired.length }).toEqual({ resealed: 3, retired: 1 });
    expect(await isServed(backend)).toBe(true);
    expect(await key()).not.toBe(former);
    expect(await keyFiles()).toEqual(["master.key"]);
    expect((await stat(join(dataDirectory, "master.key"))).mode & 0o777).toBe(0o600);
    await backend.rotateMasterKey({ newMasterKey: NEW_KEY });
    expect(await key()).toBe(NEW_KEY);
    await backend.close();
    const again = await open();
    expect(await isServed(again)).toBe(true);
    await again.close();
    await writeFile(join(dataDirectory, "master.key"), former);
    await expect(open()).rejects.toMatchObject({ code: "PLINTH_MASTER_KEY_INVALID" });
    expect(await key()).toBe(former);
  });

  test("is kept until the rotation is over: killed at any moment of it, everything is there, and the next call ends it", { timeout: 60_000 }, async () => {
    const backend = await open();
    const made = await backend.projects.get("default");
    await backend.close();
    const program = new URL("./support/rotate-and-die.ts", import.meta.url).pathname;
    for (const count of [1, 2]) {
      const former = await key();
      const died = await promisify(execFile)(process.execPath, ["--conditions=plinth-source", program, dataDirectory, String(count)]).catch((error: { signal: string }) => error.signal);
      expect(died).toBe("SIGKILL");
      expect(await key()).toBe(former);
      expect(await keyFiles()).toEqual(["master.key", "master.key.next"]);
      const next = (await readFile(join(dataDirectory, "master.key.next"), "utf8")).trim();
      const after = await open();
      expect(await after.projects.get("default")).toMatchObject({ jwtSecret: made.jwtSecret, anonKey: made.anonKey });
      expect(await isServed(after)).toBe(true);
      await expect(after.rotateMasterKey({ newMasterKey: NEW_KEY })).rejects.toMatchObject({ code: "PLINTH_MASTER_KEY_INVALID" });
      expect((await after.rotateMasterKey()).retired).toHaveLength(1);
      expect([await key(), await keyFiles()]).toEqual([next, ["master.key"]]);
      await after.close();
    }
    const last = await open();
    expect(await isServed(last)).toBe(true);
    await last.close();
  });
});

describe("the master key as an option", () => {
  test("is rotated to the one that is given, and to nothing where none is", async () => {
    const backend = await createTestBackend();
    const token = signToken({ role: "service_role" }, backend.jwtSecret);
    await expect(backend.rotateMasterKey()).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID" });
    await expect(backend.rotateMasterKey({ newMasterKey: "short" })).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID" });
    expect(await backend.rotateMasterKey({ newMasterKey: NEW_KEY })).toMatchObject({ resealed: 2 });
    expect((await backend.fetch("http://backend/rest/v1/", { headers: { apikey: backend.anonKey, authorization: `Bearer ${token}` } })).status).toBe(200);
    expect((await backend.projects.create({ ref: "later" })).ref).toBe("later");
    await backend.close();
  });

  test("changes with a start that gives both, from the environment too", async () => {
    const dataDirectory = await mkdtemp(join(tmpdir(), "plinth-master-key-"));
    const environment = { ...process.env };
    try {
      await (await createBackend({ dataDirectory, databaseUrl: false, masterKey: "the first passphrase, of a good length" })).close();
      await expect(createBackend({ dataDirectory, databaseUrl: false, masterKey: NEW_KEY })).rejects.toMatchObject({ code: "PLINTH_MASTER_KEY_INVALID" });
      process.env["PLINTH_MASTER_KEY"] = NEW_KEY;
      process.env["PLINTH_PREVIOUS_MASTER_KEYS"] = "some other passphrase, of a good length\nthe first passphrase, of a good length\n";
      const both = await createBackend({ dataDirectory, databaseUrl: false });
      expect((await both.rotateMasterKey()).retired).toHaveLength(1);
      await both.close();
      delete process.env["PLINTH_PREVIOUS_MASTER_KEYS"];
      await (await createBackend({ dataDirectory, databaseUrl: false })).close();
      await expect(createBackend({ dataDirectory, databaseUrl: false, previousMasterKeys: ["short"] })).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID", message: expect.stringContaining("previousMasterKeys") });
    } finally {
      process.env = environment;
      await rm(dataDirectory, { recursive: true });
    }
  });
});
