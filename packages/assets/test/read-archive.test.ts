import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { tarOf, type TarEntry } from "../../../test/scenarios/support/tar-of.ts";
import { readArchive } from "../src/archive/read-archive.ts";

async function read(bytes: Uint8Array, chunkSize = 65_536): Promise<Record<string, number>> {
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += chunkSize) yield bytes.subarray(at, at + chunkSize);
  };
  const sizes: Record<string, number> = {};
  for await (const { path, content } of readArchive(chunks(), { maxFiles: 20, maxBytes: 50_000_000 })) {
    sizes[path] = 0;
    for await (const chunk of content as AsyncIterable<Uint8Array>) sizes[path] += chunk.byteLength;
  }
  return sizes;
}

const pax = (record: string): TarEntry => ({ name: "x", type: "x", content: `${record.length + 4} ${record}\n` });

describe("an archive", () => {
  test("is read however it comes in pieces", async () => {
    const archive = tarOf([{ name: "a", content: "1" }, { name: "empty" }, { name: "d/", type: "5" }, { name: "d/b", content: "22".repeat(1_000) }]);
    for (const bytes of [archive, gzipSync(archive)]) {
      for (const size of [1, 700, 1_000_000]) expect(await read(bytes, size)).toEqual({ a: 1, empty: 0, "d/b": 2_000 });
    }
  });

  test("that unpacks to far more than its size is refused before it has", async () => {
    await expect(read(gzipSync(tarOf([{ name: "a", content: "\0".repeat(20_000_000) }])))).rejects.toMatchObject({ code: "PLINTH_ASSETS_ARCHIVE_REFUSED", message: expect.stringContaining("200 times") });
    const large = tarOf([{ name: "a", content: "ab".repeat(30_000_000) }]);
    await expect(read(large)).rejects.toMatchObject({ code: "PLINTH_ASSETS_RELEASE_TOO_LARGE" });
    const folders = Array.from({ length: 201 }, (_, index) => ({ name: `d${index}/`, type: "5" }));
    await expect(read(gzipSync(tarOf(folders)))).rejects.toMatchObject({ code: "PLINTH_ASSETS_RELEASE_TOO_LARGE" });
  });

  test("is refused where PAX headers say what its own don't", async () => {
    await expect(read(tarOf([pax("path=../../evil"), { name: "good", content: "x" }]))).rejects.toMatchObject({ code: "PLINTH_ASSETS_ARCHIVE_REFUSED" });
    await expect(read(tarOf([pax("GNU.sparse.major=1"), { name: "good", content: "x" }]))).rejects.toMatchObject({ code: "PLINTH_ASSETS_ARCHIVE_REFUSED", message: expect.stringContaining("sparse") });
    await expect(read(tarOf([{ name: "././@LongLink", type: "L", content: `../${"x".repeat(200)}\0` }, { name: "good", content: "x" }]))).rejects.toMatchObject({ code: "PLINTH_ASSETS_ARCHIVE_REFUSED" });
    await expect(read(tarOf([{ name: "x", type: "x", content: "" }, { name: "..", content: "x" }]))).rejects.toMatchObject({ code: "PLINTH_ASSETS_ARCHIVE_REFUSED" });
  });
});
