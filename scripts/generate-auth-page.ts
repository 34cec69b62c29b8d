import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { renderAuthPage } from "./auth-page.ts";

const page = path.join(import.meta.dirname, "../docs/auth.md");
await writeFile(page, renderAuthPage(await readFile(page, "utf8")));
