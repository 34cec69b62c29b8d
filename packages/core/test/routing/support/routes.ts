import type pg from "pg";
import { cancelNative } from "../../../src/database/cancel-native.ts";
import type { DatabasePool } from "../../../src/database/pool.ts";
import type { OpenTarget } from "../../../src/database/routing/route-target.ts";
import { RoutingPool, type RoutingPoolOptions } from "../../../src/database/routing/routing-pool.ts";

/** A tenant with a look behind it. */
export interface TestRoute extends DatabasePool {
  /** How often its target was opened, and how often released. */
  readonly opened: () => number;
  readonly released: () => number;
}

export interface TestRouteOptions extends Partial<Omit<OpenTarget, "config">> {
  readonly cluster?: string;
  readonly maxConnections?: number;
}

/** A pool, with time-outs that are long for a test unless it says otherwise. */
export const poolOf = (options: Partial<RoutingPoolOptions>): RoutingPool =>
  new RoutingPool({ maxConnections: 4, maxConnectionsPerTenant: 4, acquireTimeoutMs: 20_000, ...options });

/** A tenant of the pool. Several may share a database: to the pool they are different ones all the same. */
export function routeOf(pool: RoutingPool, id: string, config: pg.ClientConfig, { cluster = "a", maxConnections, ...target }: TestRouteOptions = {}): TestRoute {
  let opened = 0;
  let released = 0;
  const open = async (): Promise<OpenTarget> => {
    opened++;
    return { cancel: cancelNative, ...target, config, release: async () => void released++ };
  };
  const route = pool.route({ id, cluster, kind: "native", open, ...(maxConnections === undefined ? {} : { maxConnections }) });
  return Object.assign(route, { opened: () => opened, released: () => released });
}

/** A connection held until it is let go. */
export async function hold(route: DatabasePool): Promise<() => Promise<void>> {
  let letGo = (): void => undefined;
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  let work: Promise<void> | undefined;
  await new Promise<void>((resolve, reject) => {
    work = route.withClient(() => {
      resolve();
      return gate;
    });
    work.catch(reject);
  });
  return async () => {
    letGo();
    await work;
  };
}

export const ask = (route: DatabasePool): Promise<unknown> => route.withClient((client) => client.query("select 1"));

export const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
