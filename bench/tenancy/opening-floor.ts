import pg from "pg";

/** How many at a time; as the RoutingPool does by default. */
const AT_ONCE = 4;

/** Connections a second that `pg` alone opens to one database after the other, and asks one question each. */
export async function measureOpening(url: string, seconds: number): Promise<number> {
  const databases = await databasesOf(url);
  let opened = 0;
  const end = performance.now() + seconds * 1_000;
  const work = async (): Promise<void> => {
    while (performance.now() < end) await openOnce(url, databases[opened++ % databases.length]!);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return opened / seconds;
}

/** One after the other. */
export async function openEach(url: string, databases: readonly string[]): Promise<void> {
  for (const database of databases) await openOnce(url, database);
}

async function openOnce(url: string, database: string): Promise<void> {
  const client = new pg.Client({ connectionString: Object.assign(new URL(url), { pathname: `/${database}` }).href });
  await client.connect();
  await client.query("select count(*) from item where id = 1");
  await client.end();
}

async function databasesOf(url: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ name: string }>("select datname as name from pg_database where datname like 'plinth\\_p%' order by random()");
  await client.end();
  return rows.map(({ name }) => name);
}
