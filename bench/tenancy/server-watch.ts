import pg from "pg";

export interface ServerFigures {
  /** Connections of projects' logins, at the worst moment seen. */
  readonly mostConnections: number;
  /** Connections opened, and those closed again. */
  readonly sessions: number;
  readonly databaseBytes: number;
}

const CONNECTIONS = "select count(*)::int as count from pg_stat_activity where application_name = 'plinth'";
const SESSIONS = "select coalesce(sum(sessions), 0)::int as sessions from pg_stat_database";
const SIZE = "select coalesce(avg(pg_database_size(oid)), 0)::float8 as bytes from pg_database where datname like 'plinth\\_%'";

/** Looks at the server from outside, several times a second. */
export async function watchServer(url: string): Promise<() => Promise<ServerFigures>> {
  const client = new pg.Client({ connectionString: url, application_name: "bench" });
  await client.connect();
  const [before] = (await client.query<{ sessions: number }>(SESSIONS)).rows;
  let mostConnections = 0;
  const look = async (): Promise<void> => {
    const [row] = (await client.query<{ count: number }>(CONNECTIONS)).rows;
    mostConnections = Math.max(mostConnections, row?.count ?? 0);
  };
  const timer = setInterval(() => void look().catch(() => undefined), 100);
  return async () => {
    clearInterval(timer);
    const [after] = (await client.query<{ sessions: number }>(SESSIONS)).rows;
    const [size] = (await client.query<{ bytes: number }>(SIZE)).rows;
    await client.end();
    return { mostConnections, sessions: (after?.sessions ?? 0) - (before?.sessions ?? 0), databaseBytes: size?.bytes ?? 0 };
  };
}
