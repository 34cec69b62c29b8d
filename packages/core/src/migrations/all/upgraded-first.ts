import type { DatabasePool } from "../../database/pool.ts";

/**
 * The pool of a project that is brought up to date before its database is first used. Until then a use waits, or fails
 * as `ensure` does; the next one asks again.
 */
export function upgradedFirst(pool: DatabasePool, ensure: () => Promise<void>): DatabasePool {
  let ensured = false;
  let ensuring: Promise<void> | undefined;
  const ready = (): Promise<void> => {
    ensuring ??= ensure().then(
      () => void (ensured = true),
      (error: unknown) => {
        ensuring = undefined;
        throw error;
      },
    );
    return ensuring;
  };
  return {
    kind: pool.kind,
    withClient: async (work, use) => {
      if (!ensured) await ready();
      return pool.withClient(work, use);
    },
    cancel: (client) => pool.cancel(client),
    connect: async () => {
      if (!ensured) await ready();
      return pool.connect();
    },
    watch: (channel, onPayload) => pool.watch(channel, onPayload),
    close: () => pool.close(),
  };
}
