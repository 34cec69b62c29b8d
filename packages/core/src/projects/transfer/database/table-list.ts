import pg from "pg";
import { z } from "zod";

const { escapeIdentifier } = pg;

/** A table with rows of its own. */
export const tableSchema = z.object({
  schema: z.string(),
  name: z.string(),
  /** In their order, without those that are computed. */
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  /** SQL, `WHERE …`, where only some rows are the database's own; of tables that belong to extensions. */
  condition: z.string(),
});
export type Table = Readonly<z.infer<typeof tableSchema>>;

export const sequenceSchema = z.object({ schema: z.string(), name: z.string(), value: z.string(), called: z.boolean() });
/** Where a sequence stands. */
export type SequenceValue = Readonly<z.infer<typeof sequenceSchema>>;

/** Schemas that are no part of a project, as pg_dump takes them: those that hold what keeps the projects, and what the set-up makes anew. */
export const FOREIGN_SCHEMAS: readonly string[] = ["plinth", "plinth_*", "graphile_worker"];

const FOREIGN = "^(pg_|information_schema$|plinth(_|$)|graphile_worker$)";

/** The one table among them that is the project's: which of its migrations were applied. */
export const MIGRATIONS_TABLE = { schema: "plinth", name: "migrations" } as const;

const OURS = `
  (n.nspname !~ '${FOREIGN}' or (n.nspname, c.relname) = ('${MIGRATIONS_TABLE.schema}', '${MIGRATIONS_TABLE.name}'))
  and (config.condition is not null or not exists (
    select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'))`;

/** Rows of tables that an extension has declared to be its users' are dumped, those of its other tables come with it. */
const CONFIG = `
  left join lateral (
    select coalesce(e.extcondition[i], '') as condition from pg_extension e, generate_subscripts(e.extconfig, 1) as i where e.extconfig[i] = c.oid limit 1
  ) config on true`;

const TABLES = `
select n.nspname as schema, c.relname as name, coalesce(config.condition, '') as condition,
  (select coalesce(json_agg(json_build_object('name', attname, 'type', t.typname) order by attnum), '[]')
     from pg_attribute a join pg_type t on t.oid = a.atttypid
     where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '') as columns
from pg_class c join pg_namespace n on n.oid = c.relnamespace ${CONFIG}
where c.relkind = 'r' and c.relpersistence <> 't' and ${OURS}
order by 1, 2`;

const SEQUENCES = `
select n.nspname as schema, c.relname as name
from pg_class c join pg_namespace n on n.oid = c.relnamespace ${CONFIG}
where c.relkind = 'S' and c.relpersistence <> 't' and ${OURS}
order by 1, 2`;

/** Values are read so many at a time: each is a select of its own in one statement. */
const SEQUENCES_AT_ONCE = 100;

export const qualified = ({ schema, name }: { readonly schema: string; readonly name: string }): string => `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;

export const columnList = ({ columns }: Table): string => columns.map(({ name }) => escapeIdentifier(name)).join(", ");

export async function readTables(client: pg.Client): Promise<readonly Table[]> {
  const { rows } = await client.query<Table>(TABLES);
  return rows;
}

export async function readSequences(client: pg.Client): Promise<readonly SequenceValue[]> {
  const { rows: sequences } = await client.query<{ schema: string; name: string }>(SEQUENCES);
  const values: SequenceValue[] = [];
  for (let first = 0; first < sequences.length; first += SEQUENCES_AT_ONCE) {
    const some = sequences.slice(first, first + SEQUENCES_AT_ONCE);
    const selects = some.map((sequence, i) => `select ${i} as i, last_value::text as value, is_called as called from ${qualified(sequence)}`);
    const { rows } = await client.query<{ i: number; value: string; called: boolean }>(selects.join(" union all "));
    for (const { i, value, called } of rows) values.push({ ...(some[i] as { schema: string; name: string }), value, called });
  }
  return values;
}

/** @returns a statement that keeps writers out of all tables with rows of their own, and lets readers in; undefined where there are none */
export async function lockStatement(client: pg.Client): Promise<string | undefined> {
  const tables = await readTables(client);
  return tables.length === 0 ? undefined : `lock table ${tables.map((table) => `only ${qualified(table)}`).join(", ")} in share mode`;
}
