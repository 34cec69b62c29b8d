import { type Kysely, sql, type Transaction } from "kysely";
import type { MetadataTables } from "../metadata/metadata-tables.ts";
import type { KeyRing } from "./key-ring.ts";
import type { SealedColumn } from "./sealed-columns.ts";

interface SealedRow {
  /** Where the row is: stays, since the row is locked. */
  readonly place: string;
  readonly sealed: string;
  readonly bound: Readonly<Record<string, string>>;
}

/**
 * Seals what is left of a column with the ring's current key, some rows to a transaction. The rows are locked meanwhile
 * and written only where they still are what was read, so that nobody's change is lost; what was sealed anew is told
 * from the rest by the key id in its text, so that whoever comes after a crash goes on where it stopped.
 *
 * @param onBatch told how many rows were sealed just now
 * @throws BackendError PLINTH_MASTER_KEY_INVALID for a row that no key of the ring opens
 */
export async function resealColumn(db: Kysely<MetadataTables>, keyRing: KeyRing, column: SealedColumn, batchSize: number, onBatch: (resealed: number) => void): Promise<void> {
  let found: boolean;
  do {
    found = false;
    for (let after = BEGINNING, batch = await reseal(after); batch !== undefined; batch = await reseal(after)) {
      found = true;
      after = batch.last;
      onBatch(batch.resealed);
    }
    // What was written by others behind the place where this one was is met the next time through.
  } while (found);

  function reseal(after: string): Promise<Batch | undefined> {
    return db.transaction().execute((transaction) => resealBatch(transaction, keyRing, column, batchSize, after));
  }
}

/** Before the first row of a table. */
const BEGINNING = "(0,0)";

interface Batch {
  readonly resealed: number;
  /** The place of its last row. */
  readonly last: string;
}

/** @returns undefined where nothing is left after that place */
async function resealBatch(transaction: Transaction<MetadataTables>, keyRing: KeyRing, column: SealedColumn, batchSize: number, after: string): Promise<Batch | undefined> {
  const rows = await lockRows(transaction, keyRing, column, batchSize, after);
  const last = rows.at(-1)?.place;
  if (last === undefined) return undefined;
  const values = rows.map(({ place, sealed, bound }) => {
    const context = column.context(bound);
    return sql`(${place}::tid, ${sealed}, ${keyRing.seal(keyRing.open(sealed, context), context)})`;
  });
  const { numAffectedRows } = await sql`
    update ${sql.table(column.table)} as target set ${sql.ref(column.column)} = given.resealed
    from (values ${sql.join(values)}) as given (place, sealed, resealed)
    where target.ctid = given.place and target.${sql.ref(column.column)} = given.sealed`.execute(transaction);
  return { resealed: Number(numAffectedRows ?? 0n), last };
}

/**
 * In the order in which they lie in the table, so that two who do the same work never wait for each other, and that no
 * part of it is read twice: a scan of a range of places gives them so, and an ORDER BY would read all before the first.
 */
async function lockRows(transaction: Transaction<MetadataTables>, keyRing: KeyRing, { table, column, boundTo }: SealedColumn, batchSize: number, after: string): Promise<readonly SealedRow[]> {
  const bound = boundTo.flatMap((name) => [sql.lit(name), sql`${sql.ref(name)}::text`]);
  const { rows } = await sql<SealedRow>`
    select ctid::text as place, ${sql.ref(column)} as sealed, json_build_object(${sql.join(bound)}) as bound
    from ${sql.table(table)} where ctid > ${after}::tid and split_part(${sql.ref(column)}, '.', 2) <> ${keyRing.currentKeyId}
    limit ${batchSize} for update`.execute(transaction);
  return rows;
}
