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
  let resealed: number | undefined;
  do {
    resealed = await db.transaction().execute((transaction) => resealBatch(transaction, keyRing, column, batchSize));
    if (resealed) onBatch(resealed);
  } while (resealed !== undefined);
}

/** @returns undefined where nothing is left */
async function resealBatch(transaction: Transaction<MetadataTables>, keyRing: KeyRing, column: SealedColumn, batchSize: number): Promise<number | undefined> {
  const rows = await lockRows(transaction, keyRing, column, batchSize);
  if (rows.length === 0) return undefined;
  const values = rows.map(({ place, sealed, bound }) => {
    const context = column.context(bound);
    return sql`(${place}::tid, ${sealed}, ${keyRing.seal(keyRing.open(sealed, context), context)})`;
  });
  const { numAffectedRows } = await sql`
    update ${sql.table(column.table)} as target set ${sql.ref(column.column)} = given.resealed
    from (values ${sql.join(values)}) as given (place, sealed, resealed)
    where target.ctid = given.place and target.${sql.ref(column.column)} = given.sealed`.execute(transaction);
  return Number(numAffectedRows ?? 0n);
}

/** In one order, so that two who do the same work never wait for each other. */
async function lockRows(transaction: Transaction<MetadataTables>, keyRing: KeyRing, { table, column, boundTo }: SealedColumn, batchSize: number): Promise<readonly SealedRow[]> {
  const bound = boundTo.flatMap((name) => [sql.lit(name), sql`${sql.ref(name)}::text`]);
  const { rows } = await sql<SealedRow>`
    select ctid::text as place, ${sql.ref(column)} as sealed, json_build_object(${sql.join(bound)}) as bound
    from ${sql.table(table)} where split_part(${sql.ref(column)}, '.', 2) <> ${keyRing.currentKeyId}
    order by ctid limit ${batchSize} for update`.execute(transaction);
  return rows;
}
