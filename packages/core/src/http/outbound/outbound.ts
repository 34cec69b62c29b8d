import type { Agent } from "undici";
import { checkLiteral, guardedLookup } from "./guarded-lookup.ts";
import type { OutboundReach } from "./outbound-reach.ts";

/** Of `fetch`: what requests to others need. */
export type OutboundInit = Pick<RequestInit, "method" | "redirect" | "signal"> & { readonly headers?: Headers | Readonly<Record<string, string>>; readonly body?: string | URLSearchParams };
export type OutboundFetch = (url: string | URL, init?: OutboundInit) => Promise<Response>;

/**
 * Requests that the backend sends to addresses which projects, or documents of third parties, name. Their connections are
 * this backend's own, and those of one reach are never lent to another.
 */
export class Outbound {
  readonly #agents = new Map<OutboundReach, Promise<Agent>>();

  /**
   * `fetch` that goes no further than this: the address is looked at when the connection is opened, wherever a name leads
   * by then. `anywhere` is the runtime's own `fetch`.
   * Rejects with a TypeError whose cause is an `OutOfReachError`.
   */
  within(reach: OutboundReach): OutboundFetch {
    if (reach === "anywhere") return (url, init) => fetch(url, init);
    return async (url, init = {}) => {
      const [{ fetch: guarded }, dispatcher] = await Promise.all([import("undici"), this.#agent(reach)]);
      return (await guarded(url, { ...init, ...(init.headers ? { headers: Object.fromEntries(new Headers(init.headers)) } : {}), dispatcher } as Parameters<typeof guarded>[1])) as unknown as Response;
    };
  }

  /** Once nothing is under way any more. */
  async close(): Promise<void> {
    const agents = [...this.#agents.values()];
    this.#agents.clear();
    for (const agent of agents) await (await agent).close();
  }

  #agent(reach: OutboundReach): Promise<Agent> {
    let agent = this.#agents.get(reach);
    if (agent === undefined) this.#agents.set(reach, (agent = createAgent(reach)));
    return agent;
  }
}

async function createAgent(reach: OutboundReach): Promise<Agent> {
  const { Agent, buildConnector } = await import("undici");
  const connect = buildConnector({ lookup: guardedLookup(reach) });
  return new Agent({
    connect: (options, done) => {
      try {
        checkLiteral(reach, options.hostname);
      } catch (error) {
        return done(error as Error, null);
      }
      return connect(options, done);
    },
  });
}
