import type { Cluster } from "./cluster.ts";
import type { OpenTarget, RouteTarget } from "./route-target.ts";

/** A target, open as long as it has connections. */
export class TargetLease {
  readonly #target: RouteTarget;
  readonly #cluster: Cluster;
  readonly #onUnused: () => void;
  #opened: Promise<OpenTarget> | undefined;
  #current: OpenTarget | undefined;
  #users = 0;

  /** @param onUnused called when the last connection is closed */
  constructor(target: RouteTarget, cluster: Cluster, onUnused: () => void) {
    this.#onUnused = onUnused;
    this.#target = target;
    this.#cluster = cluster;
  }

  /** Connections, and those being opened. */
  get users(): number {
    return this.#users;
  }

  /** Counts one more user; to be dropped. */
  join(): void {
    if (this.#users++ === 0) this.#cluster.tenants++;
  }

  /** Opens the target if it isn't open. */
  open(): Promise<OpenTarget> {
    this.#opened ??= this.#open();
    return this.#opened;
  }

  async drop(): Promise<void> {
    if (--this.#users > 0) return;
    this.#cluster.tenants--;
    this.#onUnused();
    const opened = this.#opened;
    this.#opened = undefined;
    this.#current = undefined;
    await opened?.then((target) => target.release()).catch(() => undefined);
  }

  /** As it is open now. */
  get target(): OpenTarget | undefined {
    return this.#current;
  }

  async #open(): Promise<OpenTarget> {
    try {
      return (this.#current = await this.#target.open());
    } catch (error) {
      this.#opened = undefined;
      throw error;
    }
  }

  /** Asks the server to end what `client` is running. */
  async cancel(client: Parameters<OpenTarget["cancel"]>[0]): Promise<void> {
    await (await this.#opened)?.cancel(client);
  }
}
