import type { IsolationLevel } from "@plinth/core";

/** What functions and roles are SET to for their transactions' level. */
export const ISOLATION_SETTING = "default_transaction_isolation";

/** PostgreSQL treats the other levels as read committed as well. */
const LEVELS: Readonly<Record<string, IsolationLevel>> = { "repeatable read": "repeatable read", serializable: "serializable" };

export const toIsolation = (value: string): IsolationLevel => LEVELS[value.toLowerCase()] ?? "read committed";
