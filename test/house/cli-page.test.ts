import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { renderCliPage } from "../../scripts/cli-page.ts";

test("docs/cli.md tells of the commands there are (npm run cli-page)", async () => {
  const page = await readFile(path.join(import.meta.dirname, "../../docs/cli.md"), "utf8");
  expect(page).toBe(renderCliPage());
});
