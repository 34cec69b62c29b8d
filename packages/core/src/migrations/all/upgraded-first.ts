import type { DatabasePool } from "../../database/pool.ts";

export interface UpgradedFirst {
  readonly pool: DatabasePool;
  /** What a use waits for; undefined once it is up to date. Fails as `ensure` does; the next one asks again. */
  ready(): Promise<void> | undefined;
}

/** A project that is brought up to date before its database is first used, be it by a request or in process. */
export function upgradedFirst(pool: DatabasePool, ensure: () => Promise<void>): UpgradedFirst {
  let isEnsured = false;
  let ensuring: Promise<void> | undefined;
  const ready = (): Promise<void> | undefined => {
    if (isEnsured) return undefined;
    ensuring ??= ensure()
      .then(() => void (isEnsured = true))
      .finally(() => (ensuring = undefined));
    return ensuring;
  };
  const upgraded: DatabasePool = {
    kind: pool.kind,
    withClient: async (work, use) => {
      await ready();
      return pool.withClient(work, use);
    },
    cancel: (client) => pool.cancel(client),
    connect: async () => {
      await ready();
      return pool.connect();
    },
    watch: (channel, onPayload) => pool.watch(channel, onPayload),
    close: () => pool.close(),
  };
  return { pool: upgraded, ready };
}
