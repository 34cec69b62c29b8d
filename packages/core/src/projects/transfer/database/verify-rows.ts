import { BackendError } from "../../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../../errors/errors.ts";
import type { OwnerConnection } from "../../database-host.ts";
import { leaseClient } from "./lease-client.ts";
import type { RestoredTable } from "./restore-database.ts";
import { qualified } from "./table-list.ts";

/**
 * Counts what has arrived.
 * @throws BackendError PLINTH_TRANSFER_FAILED where it is not what was sent
 */
export async function verifyRows(connection: OwnerConnection, tables: readonly RestoredTable[]): Promise<void> {
  const { client, close } = await leaseClient(connection);
  try {
    await client.query("set row_security = off");
    for (const { table, rows } of tables) {
      const { rows: counted } = await client.query<{ count: string }>(`select count(*) from only ${qualified(table)}`);
      if (Number(counted[0]?.count) !== rows) throw new BackendError(CORE_ERRORS.transferFailed, { message: `Of ${qualified(table)} ${rows} rows were sent, and ${counted[0]?.count} are there.`, hint: null });
    }
    await client.query("reset row_security");
  } finally {
    await close();
  }
}
