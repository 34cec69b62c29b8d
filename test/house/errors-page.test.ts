import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { readErrorTables } from "../../scripts/error-tables.ts";
import { renderErrorsPage } from "../../scripts/errors-page.ts";

test("docs/errors.md tells of the errors there are (npm run errors)", async () => {
  const page = await readFile(path.join(import.meta.dirname, "../../docs/errors.md"), "utf8");
  expect(page).toBe(await renderErrorsPage());
});

test("errors have a code, a status that is an error's, and a message that ends like the others of its kind", async () => {
  const packages = await readErrorTables();
  expect(packages.map(({ folder }) => folder)).toContain("packages/core");
  for (const error of packages.flatMap(({ errors }) => errors)) {
    expect(error.code).toMatch(/^(PLINTH_[A-Z_]+|PGRST[0-9X]\d\d|[0-9A-Z]{5}|[a-z0-9_]+|[A-Z][A-Za-z0-9]+)$/);
    expect(error.status).toSatisfy((status: number) => status === 300 || (status >= 400 && status <= 599));
    if (error.code.startsWith("PLINTH_")) expect(error.message).toMatch(/\.$/);
  }
});
