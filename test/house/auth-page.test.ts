import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { renderAuthPage } from "../../scripts/auth-page.ts";

test("docs/auth.md has the endpoints and settings that there are (npm run auth-page)", async () => {
  const page = await readFile(path.join(import.meta.dirname, "../../docs/auth.md"), "utf8");
  expect(page).toBe(renderAuthPage(page));
});
