import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { packTemplate, unpackTemplate } from "../../src/database/embedded/template/template-archive.ts";

const root = mkdtempSync(join(tmpdir(), "plinth-archive-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const archives = join(root, "archives");

test("what was packed is unpacked: files to the byte, empty folders, rights of the owner alone", async () => {
  const made = join(root, "made");
  mkdirSync(join(made, "cluster/pg_tblspc"), { recursive: true });
  mkdirSync(join(made, "extensions"));
  const bytes = Buffer.from([0, 1, 2, 254, 255, 10, 13]);
  writeFileSync(join(made, "cluster/PG_VERSION"), "18\n");
  writeFileSync(join(made, "extensions/x.so"), bytes);
  await packTemplate("one", made, archives);
  const laidOut = join(root, "laid-out");
  expect(await unpackTemplate("one", laidOut, archives)).toBe(true);
  expect(readdirSync(laidOut, { recursive: true }).sort()).toEqual(readdirSync(made, { recursive: true }).sort());
  expect(readFileSync(join(laidOut, "extensions/x.so")).equals(bytes)).toBe(true);
  expect(statSync(join(laidOut, "cluster/pg_tblspc")).mode & 0o777).toBe(0o700);
  expect(statSync(join(laidOut, "cluster/PG_VERSION")).mode & 0o777).toBe(0o600);
});

test("a template of another name is not there, and takes the place of the one before", async () => {
  expect(await unpackTemplate("two", join(root, "nothing"), archives)).toBe(false);
  const other = join(root, "other");
  mkdirSync(other);
  await packTemplate("two", other, archives);
  expect(await unpackTemplate("one", join(root, "nothing"), archives)).toBe(false);
  expect(await unpackTemplate("two", join(root, "two"), archives)).toBe(true);
});
