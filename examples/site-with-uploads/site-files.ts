import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { UploadedFile } from "plinth";

const folder = path.join(import.meta.dirname, "site");
const supabase = new URL("umd/supabase.js", import.meta.resolve("@supabase/supabase-js"));

/** The site: the files of its folder, the client from node_modules, and what depends on where it is served. */
export async function* siteFiles({ apiUrl, anonKey }: { readonly apiUrl: string; readonly anonKey: string }): AsyncGenerator<UploadedFile> {
  for (const name of await readdir(folder)) yield { path: name, content: createReadStream(path.join(folder, name)) };
  yield { path: "supabase.js", content: createReadStream(supabase) };
  // The anon key is made to be public.
  yield { path: "config.js", content: `export const apiUrl = ${JSON.stringify(apiUrl)};\nexport const anonKey = ${JSON.stringify(anonKey)};\n` };
  // The page runs its own scripts, and talks to nobody but the API.
  yield { path: "_headers", content: `/*\n  Content-Security-Policy: default-src 'self'; connect-src ${apiUrl}; img-src data: ${apiUrl}; frame-ancestors 'none'\n` };
}
