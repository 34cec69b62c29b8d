import path from "node:path";
import { expect, test } from "vitest";
import { createBackend } from "../../src/index.ts";
import { gotrueTables, gotrueUser } from "../../../../test/scenarios/support/gotrue-database.ts";
import { projectFolder } from "./support/project-folder.ts";
import { runPlinth } from "./support/run-plinth.ts";

const ANN = { id: "5a1f3c52-6c3e-4d0b-8d29-0f7f2f8f9b11", email: "ann@example.com", hash: "$2b$04$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234" };

/** An embedded database into which GoTrue's tables were restored beside the project's own. */
async function restored(folder: string): Promise<void> {
  const backend = await createBackend({ dataDirectory: path.join(folder, ".plinth"), databaseUrl: false });
  const owner = await backend.ownerDatabase();
  await owner.script(gotrueTables("gotrue") + gotrueUser("gotrue", ANN));
  await owner.release();
  await backend.close();
}

test("plinth auth import takes users over, and says what it did", async () => {
  const cwd = projectFolder();
  await restored(cwd);
  const nowhere = await runPlinth(["auth", "import"], { cwd });
  expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining("One of --from and --schema is needed") });
  const first = await runPlinth(["auth", "import", "--schema", "gotrue", "--json"], { cwd });
  expect(first).toMatchObject({ code: 0, stderr: "1 users read\n" });
  expect(JSON.parse(first.stdout)).toEqual({ read: 1, imported: 1, present: 0, failed: 0, identities: 1, factors: 0, passkeys: 0, problems: [] });
  const again = await runPlinth(["auth", "import", "--schema", "gotrue", "--ref", "default"], { cwd });
  expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^imported +0$[^]*^present +1$[^]*No problems\.$/m) });
});
