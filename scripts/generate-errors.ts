import { writeFile } from "node:fs/promises";
import path from "node:path";
import { renderErrorsPage } from "./errors-page.ts";

await writeFile(path.join(import.meta.dirname, "../docs/errors.md"), await renderErrorsPage());
