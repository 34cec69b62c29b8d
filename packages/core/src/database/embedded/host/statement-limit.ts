import type pg from "pg";
import type { Scope } from "../../../tenant/scope.ts";
import { VirtualStream } from "./virtual-stream.ts";

/**
 * Has the watchdog hold an embedded database's client to the scope's time while `work` goes on: PGlite sets no timers of
 * its own. A server keeps the time by the setting, and nothing is done.
 */
export function withStatementLimit<T>(client: pg.ClientBase, { statementTimeoutMs }: Scope, work: () => Promise<T>): Promise<T> {
  if (statementTimeoutMs === undefined) return work();
  const { stream } = (client as unknown as { connection: { stream: unknown } }).connection;
  if (!(stream instanceof VirtualStream)) return work();
  stream.statementTimeoutMs = statementTimeoutMs === 0 ? Infinity : statementTimeoutMs;
  return work().finally(() => (stream.statementTimeoutMs = undefined));
}
