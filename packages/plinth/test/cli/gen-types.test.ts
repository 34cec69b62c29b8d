import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, inject, test, vi } from "vitest";
import { UsageError } from "../../src/cli/command-error.ts";
import { generateTypes } from "../../src/cli/commands/gen-types.ts";
import { createBackend } from "../../src/index.ts";
import { nativePlace } from "./support/native-place.ts";
import { projectFolder, write } from "./support/project-folder.ts";
import { runPlinth, startDev } from "./support/run-plinth.ts";

const TODOS = "create table public.todos (id int primary key, title text not null);";
const CONFIG = 'export default { rest: { schemas: ["public", "api"] } };';

test("dev keeps a file as the schema is; gen types writes the same", { timeout: 120_000 }, async () => {
  const cwd = projectFolder({ "migrations/1.sql": TODOS, "other.config.mjs": CONFIG });
  const file = () => readFileSync(path.join(cwd, "database.types.ts"), "utf8");
  const serving = await startDev(["--types", "database.types.ts", "--config", "other.config.mjs"], { cwd });
  expect(file()).toContain("\n      todos: {\n        Row: {\n          id: number\n          title: string\n        }\n");
  write(cwd, "migrations/2.sql", "create schema api; alter table public.todos add column done boolean; create table api.things (id int);");
  await vi.waitFor(() => expect(file()).toContain("things: {"), { timeout: 10_000 });
  expect(file()).toContain("          done: boolean | null\n");

  const { stdout, stderr } = await serving.stop();
  // One line for the machine, and nothing else.
  expect(stdout.trimEnd().split("\n")).toHaveLength(1);
  expect(stderr).toContain("Wrote database.types.ts\n");

  const written = file();
  expect(await runPlinth(["gen", "types", "--config", "other.config.mjs"], { cwd })).toEqual({ code: 0, stdout: written, stderr: "" });
});

test("names of schemas are checked before anything is opened", async () => {
  const types = generateTypes.run(["--schema", "public,"], "gen types");
  await expect(types).rejects.toThrow(new UsageError('--schema takes names with commas between them, not "public,".'));
});

describe.runIf(inject("nativePostgresUrl") !== undefined)("on a server", () => {
  test("types of any project, in a file or not; what can't be says why", { timeout: 120_000 }, async () => {
    const cwd = projectFolder();
    const url = await nativePlace();
    const ref = `types-${randomBytes(3).toString("hex")}`;
    const backend = await createBackend({ databaseUrl: url, dataDirectory: path.join(cwd, ".plinth"), project: { ref } });
    try {
      const owner = await backend.ownerDatabase(ref);
      await owner.script(TODOS);
      await owner.release();
      const run = (...args: string[]) => runPlinth(["gen", "types", ...args, "--database-url", url], { cwd });
      const kysely = await backend.generateTypes({ format: "kysely" });
      expect(kysely).toContain("export interface DB {\n  todos: {\n    id: number\n    title: string\n  }\n}\n");

      const [written, json, schema, nowhere, down] = await Promise.all([
        run(ref, "--format", "kysely", "--output", "db.ts"),
        run(ref, "--json", "--schema", "public"),
        run(ref, "--schema", "public,nope"),
        run(ref, "--output", "not/there/db.ts"),
        runPlinth(["gen", "types", ref, "--database-url", "postgres://nobody@127.0.0.1:1/nothing"], { cwd }),
      ]);
      expect(written).toEqual({ code: 0, stdout: `The types of the project "${ref}" are in db.ts.\n`, stderr: "" });
      expect(readFileSync(path.join(cwd, "db.ts"), "utf8")).toBe(kysely);
      expect(JSON.parse(json.stdout)).toEqual({ ref, format: "supabase", types: await backend.generateTypes({ schemas: ["public"] }) });
      expect(schema).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/^plinth: The database has no schema "nope"\. \(PLINTH_SCHEMA_NOT_FOUND\)\n {2}It has these: .*public/) });
      expect(nowhere).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/^plinth: not\/there\/db\.ts can't be written: ENOENT/) });
      expect(down).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("PLINTH_DATABASE_UNAVAILABLE") });
    } finally {
      await backend.close();
    }
  });
});
