import pg from "pg";
import { openEmbeddedDatabase } from "../../src/database/embedded/open-embedded-database.ts";

/** Opens the directory named on the command line and commits rows until it is killed; says how far it has come. */
try {
  const database = await openEmbeddedDatabase({ directory: process.argv[2] });
  const client = new pg.Client(database.clientConfig);
  await client.connect();
  await client.query("create table if not exists log (id int primary key, text text)");
  const { rows } = await client.query<{ next: number }>("select coalesce(max(id), 0) + 1 as next from log");
  for (let id = rows[0]?.next ?? 1; ; id++) {
    await client.query("insert into log values ($1::int, repeat(md5($1::text), 20))", [id]);
    process.stdout.write(`${id}\n`);
  }
} catch (error) {
  process.stdout.write(`failed ${(error as { code?: string }).code} ${(error as { details?: string }).details}\n`);
}
