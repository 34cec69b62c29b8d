import process from "node:process";
import { describe, expect, inject, test } from "vitest";
import { KillRuns } from "./support/kill-run.ts";
import { type KillWorld, openEmbeddedKillWorld, openNativeKillWorld } from "./support/kill-world.ts";
import { seeded } from "../../support/seeded.ts";

const IS_LONG = Boolean(process.env["PLINTH_TEST_LONG"]);
/** Another one finds other moments. */
const SEED = Number(process.env["PLINTH_TEST_SEED"] ?? 3);
const RUN_MS = 60_000;

/** @returns how many of the runs hit something under way */
async function killOver(world: KillWorld, count: number): Promise<number> {
  const runs = await KillRuns.open(world);
  let hits = 0;
  try {
    for (let run = 0; run < count; run++) {
      const kind = world.kinds[run % world.kinds.length] ?? "create";
      const label = `run ${run + 1} of ${count}, seed ${SEED}`;
      const told = await runs.run(kind, seeded(SEED * 10_000 + run)).catch((error: unknown) => Promise.reject(new Error(`${label}, ${kind}: ${(error as Error).message}`, { cause: error })));
      if (told.includes("amid")) hits++;
      if (IS_LONG) process.stdout.write(`${label}: ${told}\n`);
    }
  } finally {
    await runs.end();
  }
  return hits;
}

describe.runIf(inject("nativePostgresUrl") !== undefined)("on two servers", () => {
  const count = IS_LONG ? 160 : 9;

  test(`killed ${count} times amid changes of projects, each is whole or absent after a restart`, { timeout: count * RUN_MS }, async () => {
    const world = await openNativeKillWorld();
    try {
      expect(await killOver(world, count)).toBeGreaterThan(count / 3);
    } finally {
      await world.end();
    }
  });
});

describe("in a data folder", () => {
  const count = IS_LONG ? 49 : 3;

  test(`killed ${count} times amid changes of projects, each is whole or absent after a restart`, { timeout: count * RUN_MS }, async () => {
    const world = await openEmbeddedKillWorld();
    try {
      expect(await killOver(world, count)).toBeGreaterThan(count / 3);
    } finally {
      await world.end();
    }
  });
});
