import pg from "pg";

/** What a server has that is a backend's, and room for. */
export interface ClusterFacts {
  /** The database that the URL names. */
  readonly home: string;
  readonly databases: ReadonlyMap<string, DatabaseFacts>;
  /** Login roles that are marked as a project's, of whichever backend. */
  readonly roles: readonly RoleFacts[];
  /** Connections that the server takes from those who are no superuser. */
  readonly connections: number;
}

export interface DatabaseFacts {
  readonly name: string;
  readonly allowsConnections: boolean;
  /** PUBLIC may connect. */
  readonly isOpenToAll: boolean;
}

export interface RoleFacts {
  readonly name: string;
  readonly canLogin: boolean;
  /** Of the project that it is marked with. */
  readonly uid: string;
}

const DATABASES = `
  select datname::text as name, datallowconn as "allowsConnections",
    exists (select from aclexplode(coalesce(datacl, acldefault('d', datdba))) acl where acl.grantee = 0 and acl.privilege_type = 'CONNECT') as "isOpenToAll"
  from pg_database where not datistemplate`;

const ROLES = `
  select role.rolname::text as name, role.rolcanlogin as "canLogin", substr(mark.description, 16) as uid
  from pg_shdescription mark join pg_roles role on role.oid = mark.objoid
  where mark.classoid = 'pg_authid'::regclass and mark.description like 'plinth project %'`;

const SERVER = "select current_database() as home, current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as connections";

/** @throws pg's error where the server can't be reached */
export function readCluster(adminUrl: string): Promise<ClusterFacts> {
  return withClient(adminUrl, async (client) => {
    const { rows: databases } = await client.query<DatabaseFacts>(DATABASES);
    const { rows: roles } = await client.query<RoleFacts>(ROLES);
    const { rows: server } = await client.query<Pick<ClusterFacts, "home" | "connections">>(SERVER);
    return { ...(server[0] as Pick<ClusterFacts, "home" | "connections">), databases: new Map(databases.map((database) => [database.name, database])), roles };
  });
}

export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // A connection that breaks also fails its query, which is where the error is dealt with.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
