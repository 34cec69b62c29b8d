import pg from "pg";
import { isConnectionFailure } from "../connection-error.ts";
import type { RawResult } from "../statement.ts";
import type { WireClient } from "./open-client.ts";

type Rows = RawResult["rows"];

const AS_TEXT = { getTypeParser: () => String } as unknown as pg.CustomTypesConfig;

/**
 * Ends the transaction that statements of one message are in otherwise, since one that begins to listen may not see yet
 * what it will not hear any more. BEGIN makes it one that can be committed in the midst of the message.
 * https://www.postgresql.org/docs/current/sql-listen.html
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-MULTI-STATEMENT
 */
const FROM_HERE_ON = ["begin", "commit"];

/**
 * Has the connection listen and, in the same round trip, answers questions about what was committed before whatever it hears.
 *
 * @returns one answer for each question, or none where one of them failed
 * @throws what LISTEN fails with
 */
export async function sendListen(client: WireClient, channels: readonly string[], questions: readonly string[]): Promise<readonly Rows[]> {
  const listens = channels.map((channel) => `listen ${pg.escapeIdentifier(channel)}`);
  if (questions.length > 0) {
    try {
      const text = [...listens, ...FROM_HERE_ON, ...questions].join(";");
      const results = (await client.query({ text, rowMode: "array", types: AS_TEXT })) as unknown as ReadonlyArray<pg.QueryArrayResult<unknown[]>>;
      return results.slice(-questions.length).map(({ rows }) => rows as unknown as Rows);
    } catch (error) {
      if (isConnectionFailure(error)) throw error;
    }
  }
  await client.query(listens.join(";"));
  return [];
}
