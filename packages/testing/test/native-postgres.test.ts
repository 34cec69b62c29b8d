import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { expect, test } from "vitest";

const HOST = `
  import { startNativePostgres } from "@plinth/testing/postgres";
  const { url } = await startNativePostgres();
  process.stdout.write(url + "\\n");
  setInterval(() => {}, 1000);
`;

test("a private server ends with a process that was killed", async () => {
  const { TEST_DATABASE_URL: _, ...env } = process.env;
  const host = spawn(process.execPath, ["--conditions=plinth-source", "--input-type=module", "-e", HOST], { cwd: import.meta.dirname, env, stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(host.stdout, "data")) as [Buffer];
  const url = line.toString().trim();
  expect(await answers(url)).toBe(true);

  host.kill("SIGKILL");
  for (let i = 0; i < 100 && (await answers(url)); i++) await sleep(100);
  expect(await answers(url)).toBe(false);
});

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  return await client.connect().then(
    () => client.end().then(() => true, () => true),
    () => false,
  );
}
