import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import pg from "pg";
import { EMBEDDED_SESSION_ROLE, serveDatabase, type WireServer } from "@plinth/core";
import type { Backend } from "plinth";

/** The fixtures make these anew, and expect to find nothing that stands in the way. */
const CLEARING = `
drop extension if exists pgcrypto cascade;
drop owned by postgrest_test_anonymous cascade;
`;

/**
 * Fills the embedded database of the default project from PostgREST's fixtures, and leaves it on a loopback port for
 * its owner. Statements that need an extension that isn't there fail; psql says which.
 *
 * @param file load.sql, which includes the others
 */
export async function loadFixtures(backend: Backend, file: string): Promise<WireServer> {
  const lease = await backend.ownerDatabase();
  const { url, close } = await serveDatabase(lease.config);
  await psql(url, `${CLEARING}${includedBy(file).map(insertWhatIsCopied).join("\n")}\nvacuum analyze;`);
  return { url, close: () => close().then(() => lease.release()) };
}

/** Their texts, since the file itself says to stop at the first error. */
const includedBy = (file: string): readonly string[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("\\ir "))
    .map((line) => readFileSync(resolve(dirname(file), line.slice(4).trim()), "utf8"));

/** The embedded database takes no COPY FROM STDIN. */
const insertWhatIsCopied = (sql: string): string =>
  sql.replace(/^copy ([^;]+) from stdin csv delimiter '\|';\n(.*?)^\\\.$/gims, (_copy, table: string, lines: string) => {
    const rows = lines.trimEnd().split("\n").map((line) => `(${line.split("|").map((value) => pg.escapeLiteral(value)).join(", ")})`);
    return `insert into ${table} values ${rows.join(", ")};`;
  });

async function psql(url: string, sql: string): Promise<void> {
  const variables = ["-v", `PGUSER=${EMBEDDED_SESSION_ROLE}`, "-v", "DBNAME=postgres"];
  const environment = { ...process.env, PGOPTIONS: "-c search_path=public,test", PGTZ: "utc" };
  const child = spawn("psql", ["--no-psqlrc", "--quiet", "--output=/dev/null", ...variables, url], { stdio: ["pipe", "inherit", "inherit"], env: environment });
  child.stdin.end(sql);
  await once(child, "close");
}
