import type { RawResult, Statement } from "../statement.ts";
import type { Prepared, PreparedStatements } from "./prepared-statements.ts";
import type { WireConnection } from "./wire-connection.ts";

/** A statement of a flight. `role` names whose plan it is; undefined for statements that touch no tables. */
export interface FlightStep extends Statement {
  readonly role: string | undefined;
}

interface Result {
  rows: Array<ReadonlyArray<string | null>>;
  command: string;
}

/**
 * Several statements sent to PostgreSQL in one go, up to one Sync: one round trip, and one implicit
 * transaction unless the steps begin one themselves.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 *
 * It is a `Submittable` of `pg`: the client calls `submit` when its turn has come and hands it the
 * answers. No Describe is sent, since rows are read by position and as text.
 */
export class ScopedFlight {
  readonly done: Promise<readonly RawResult[]>;
  readonly #steps: readonly FlightStep[];
  readonly #prepared: PreparedStatements | undefined;
  readonly #used: Prepared[] = [];
  readonly #results: Result[] = [];
  #current: Result = { rows: [], command: "" };
  #resolve!: (results: readonly RawResult[]) => void;
  #reject!: (error: Error) => void;

  /** @param prepared undefined sends unnamed statements, for poolers that share connections between transactions */
  constructor(steps: readonly FlightStep[], prepared: PreparedStatements | undefined) {
    this.#steps = steps;
    this.#prepared = prepared;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(connection: WireConnection): Error | null {
    connection.stream.cork?.();
    try {
      for (const name of this.#prepared?.takeEvicted() ?? []) connection.close({ type: "S", name });
      for (const step of this.#steps) this.#send(connection, step);
      connection.sync();
    } finally {
      connection.stream.uncork?.();
    }
    return null;
  }

  #send(connection: WireConnection, step: FlightStep): void {
    const statement = this.#prepared?.get(step.role ?? "", step.sql);
    const name = statement?.name ?? "";
    if (statement?.state === "doubtful") connection.close({ type: "S", name });
    if (statement?.state !== "parsed") connection.parse({ text: step.sql, name });
    if (statement) {
      // Within this flight a second use must not parse again; a failure puts it in doubt.
      statement.state = "parsed";
      this.#used.push(statement);
    }
    connection.bind({ portal: "", statement: name, values: step.parameters });
    connection.execute({ portal: "", rows: 0 });
  }

  handleDataRow(message: { fields: Array<string | null> }): void {
    this.#current.rows.push(message.fields);
  }

  handleCommandComplete(message: { text: string }): void {
    this.#current.command = message.text;
    this.#results.push(this.#current);
    this.#current = { rows: [], command: "" };
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete({ text: "" });
  }

  handleReadyForQuery(): void {
    this.#resolve(this.#results);
  }

  handleError(error: Error): void {
    // Steps before the failing one are prepared for certain; of the rest the server may know nothing.
    for (const statement of this.#used.slice(this.#results.length)) statement.state = "doubtful";
    this.#reject(error);
  }

  handleRowDescription(): void {}

  handlePortalSuspended(): void {}

  handleCopyInResponse(connection: WireConnection): void {
    connection.sendCopyFail("COPY is not available here");
    // The flight's own Sync has come while the server was taking data, when it counts for nothing.
    connection.sync();
  }

  handleCopyData(): void {}
}
