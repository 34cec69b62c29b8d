import { writeFile } from "node:fs/promises";
import path from "node:path";
import { renderCliPage } from "./cli-page.ts";

await writeFile(path.join(import.meta.dirname, "../docs/cli.md"), renderCliPage());
