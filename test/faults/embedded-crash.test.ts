import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const WRITER = fileURLToPath(new URL("support/write-until-killed.ts", import.meta.url));
const ROUNDS = 5;
const SEED = 20_240_611;

/** The same numbers in every run: https://en.wikipedia.org/wiki/Linear_congruential_generator (Park and Miller) */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state * 48_271) % 2_147_483_647;
    yield state / 2_147_483_647;
  }
}

/** Lets it write for so long once it has begun, then kills it. */
async function writeAndKill(folder: string, milliseconds: number): Promise<{ found: number[]; acknowledged: number[]; failed: string }> {
  const child = spawn(process.execPath, ["--conditions=plinth-source", WRITER, folder], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: string[] = [];
  let failed = "";
  child.stderr.on("data", (chunk) => (failed += String(chunk)));
  const reader = createInterface(child.stdout);
  const begun = new Promise<void>((resolve) => reader.on("line", (line) => (lines.push(line) > 1 ? resolve() : undefined)));
  const exited = once(child, "close");
  await Promise.race([begun, exited]);
  await delay(milliseconds);
  child.kill("SIGKILL");
  await exited;
  return { found: JSON.parse(lines[0] ?? "[]") as number[], acknowledged: lines.slice(1).map(Number), failed };
}

test("kill -9 amid writes loses no row that was acknowledged", { timeout: 180_000 }, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "plinth-crash-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const random = numbers(SEED);
  const kept = new Set<number>();
  for (let round = 0; round <= ROUNDS; round++) {
    const { found, acknowledged, failed } = await writeAndKill(folder, 50 + 400 * random.next().value);
    expect(failed).toBe("");
    const there = new Set(found);
    expect([...kept].filter((id) => !there.has(id)), `lost before round ${round}`).toEqual([]);
    // What was on its way when it was killed may be there as well; nothing twice, nothing else.
    expect(found.length - kept.size).toBeLessThanOrEqual(round === 0 ? 0 : 4);
    expect(acknowledged.length).toBeGreaterThan(0);
    for (const id of [...found, ...acknowledged]) kept.add(id);
  }
  expect(kept.size).toBeGreaterThan(20);
});
