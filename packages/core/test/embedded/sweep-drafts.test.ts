import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openEmbeddedDatabase } from "../../src/database/embedded/open-embedded-database.ts";

const cache = mkdtempSync(join(tmpdir(), "plinth-drafts-"));
afterAll(() => rmSync(cache, { recursive: true, force: true }));

function leave(name: string, minutesAgo: number): void {
  mkdirSync(join(cache, name, "cluster"), { recursive: true });
  writeFileSync(join(cache, name, "cluster/PG_VERSION"), "18\n");
  const then = Date.now() / 1_000 - minutesAgo * 60;
  utimesSync(join(cache, name), then, then);
}

const drafts = (): string[] => readdirSync(cache).filter((name) => name.startsWith("making-")).sort();

test("drafts that a killed process left are removed when the template is made, and when it is there; others' fresh ones never", async () => {
  for (const found of ["made", "there"]) {
    leave(`making-old-${found}`, 11);
    leave("making-fresh", 9);
    leave("other-old", 100_000);
    const database = await openEmbeddedDatabase({ directory: undefined, cacheDirectory: cache });
    await database.close();
    expect(drafts()).toEqual(["making-fresh"]);
    expect(existsSync(join(cache, "making-fresh/cluster/PG_VERSION")) && existsSync(join(cache, "other-old"))).toBe(true);
  }
}, 120_000);
