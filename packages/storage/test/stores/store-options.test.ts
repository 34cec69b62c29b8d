import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { openObjectStore } from "../../src/stores/open-store.ts";
import { objectStoreOptionsSchema } from "../../src/stores/store-options.ts";

const OWN = openObjectStore({ kind: "memory" });

test.each([
  [{ kind: "filesystem", directory: path.join(tmpdir(), "never-made") }, "filesystem"],
  [{ kind: "memory", maxBytes: 10 }, "memory"],
  [{ kind: "s3", bucket: "b", region: "eu-central-1" }, "s3"],
  [{ kind: "s3", bucket: "b", endpoint: "https://s3.example.org", accessKeyId: "a", secretAccessKey: "b", prefix: "plinth/files", forcePathStyle: false }, "s3"],
  [OWN, "memory"],
])("%o is a store", (given, kind) => {
  const options = objectStoreOptionsSchema.parse(given);
  expect(openObjectStore(options).kind).toBe(kind);
});

test("a store of one's own is taken as it is", () => {
  expect(openObjectStore(objectStoreOptionsSchema.parse(OWN))).toBe(OWN);
});

test.each([
  [{ kind: "ftp" }, "`kind` is"],
  ["disk", "`kind` is"],
  [undefined, "`kind` is"],
  [{ kind: "filesystem" }, "directory"],
  [{ kind: "filesystem", directory: "" }, "directory"],
  [{ kind: "filesystem", directory: "x", bucket: "b" }, "bucket"],
  [{ kind: "memory", maxBytes: 0 }, "0"],
  [{ kind: "s3", region: "r" }, "bucket's name"],
  [{ kind: "s3", bucket: "b" }, "region"],
  [{ kind: "s3", bucket: "b", region: "r", accessKeyId: "a" }, "go together"],
  [{ kind: "s3", bucket: "b", endpoint: "s3.example.org" }, "URL"],
  [{ kind: "s3", bucket: "b", region: "r", prefix: "../up" }, "letters"],
  [{ kind: "s3", bucket: "b", region: "r", partSize: 1024 }, "5242880"],
])("%o is none, and the error says why", (given, why) => {
  const { success, error } = objectStoreOptionsSchema.safeParse(given);
  expect(success).toBe(false);
  expect(error?.issues.map(({ message }) => message).join()).toContain(why);
});
