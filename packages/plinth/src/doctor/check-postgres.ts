import pg from "pg";
import { type Finding, ok, problem } from "./check.ts";
import { type Server, SERVER_FACTS } from "./server-facts.ts";

const TITLE = "PostgreSQL";
const OLDEST_VERSION = 150_000;

/** Judges what a login may do on a server, for the use that is made of it. */
export type RightsCheck = (server: Server, roles: readonly string[]) => readonly Finding[];

/**
 * Whether the server behind `url` can be reached, is new enough, and lets this login do what it is for.
 *
 * @param roles the request roles: anon first, service last
 */
export async function checkPostgres(url: string, roles: readonly string[], checkRights: RightsCheck): Promise<readonly Finding[]> {
  try {
    const server = await look(url, roles);
    return [checkVersion(server), ...checkRights(server, roles)];
  } catch (error) {
    const reason = (error as Error).message || (error as { code?: string }).code;
    return [problem(TITLE, `${withoutPassword(url)} can't be reached: ${reason}`, "Check that PostgreSQL is running there, and the host, port, login, password and database in the URL.")];
  }
}

async function look(url: string, roles: readonly string[]): Promise<Server> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // A connection that breaks also fails its query, which is where the error is dealt with.
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<Server>(SERVER_FACTS, [roles]);
    return rows[0] as Server;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function checkVersion({ version, name }: Server): Finding {
  if (version >= OLDEST_VERSION) return ok(TITLE, `version ${name}`);
  return problem(TITLE, `Version ${name} is too old.`, "PostgreSQL 15 or later is needed.");
}

function withoutPassword(text: string): string {
  try {
    const url = new URL(text);
    if (url.password) url.password = "***";
    return url.toString();
  } catch {
    return "The database URL";
  }
}
