import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { viaHttp } from "../../node/test/conformance/clients.ts";
import { installExample } from "./installed-example.ts";

const run = promisify(execFile);
const next = path.resolve(import.meta.dirname, "../../../node_modules/next/dist/bin/next");

let folder: string;
let server: ChildProcess;
let url: string;
let startedByBuild: boolean;

beforeAll(async () => {
  folder = await installExample();
  const { DATABASE_URL: _host, ...inherited } = process.env;
  const env = { ...inherited, NODE_ENV: "production", NODE_OPTIONS: "", NEXT_TELEMETRY_DISABLED: "1", PLINTH_DATA: path.join(folder, ".plinth") } as const;
  await run(process.execPath, [next, "build"], { cwd: folder, env });
  startedByBuild = existsSync(env.PLINTH_DATA);
  server = spawn(process.execPath, [next, "start", "-p", "0", "-H", "127.0.0.1"], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  url = await new Promise((resolve, reject) => {
    server.once("exit", (code) => reject(new Error(`next start ended with ${code}`)));
    server.stdout?.setEncoding("utf8").on("data", (text: string) => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
      if (found !== undefined) resolve(found);
    });
  });
}, 300_000);

afterAll(async () => {
  if (server?.exitCode === null && server.kill()) await once(server, "exit");
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

test("no backend is started by the build, one is by the first request, in pages and routes alike", async () => {
  expect(startedByBuild).toBe(false);
  const page = await viaHttp(`${url}/`);
  expect(page.status).toBe(200);
  expect(page.text).toContain("default");
  expect(await viaHttp(`${url}/api/rest/v1/`)).toMatchObject({ status: 401, headers: { "content-type": "application/json; charset=utf-8" } });
});

test("the backend's own 404 and the host's are told apart", async () => {
  expect((await viaHttp(`${url}/api/nothing`)).text).toContain("PLINTH_ROUTE_NOT_FOUND");
  expect((await viaHttp(`${url}/nothing`)).headers["content-type"]).toContain("text/html");
});
