import { RememberedKeys } from "../connect/remembered-keys.ts";
import { classifyFailure } from "./connect-failure.ts";
import { openClient } from "./open-client.ts";
import { Connection, type TenantLine } from "./tenant-line.ts";

export interface ConnectionOpenerOptions {
  /** How long opening one connection may take. */
  readonly timeoutMs: number;
  readonly opened: (connection: Connection) => void;
  readonly failed: (line: TenantLine) => void;
}

/** Opens connections, and keeps count of them and of what failed. */
export class ConnectionOpener {
  readonly #options: ConnectionOpenerOptions;
  readonly #remembered = new RememberedKeys();

  constructor(options: ConnectionOpenerOptions) {
    this.#options = options;
  }

  /** @param room when there will be room for one more on the server */
  open(line: TenantLine, room?: Promise<unknown>): void {
    line.opening++;
    line.cluster.opening++;
    line.cluster.take();
    line.lease.join();
    this.#connect(line, room).then(
      (connection) => this.#onOpened(connection),
      (error: unknown) => this.#onFailed(line, error),
    );
  }

  async #connect(line: TenantLine, room: Promise<unknown> | undefined): Promise<Connection> {
    if (room) await room;
    const { config, direct } = await line.lease.open();
    const began = performance.now();
    const client = await openClient((line.pins ? direct : undefined) ?? config, this.#options.timeoutMs, this.#remembered);
    const now = performance.now();
    line.cluster.tookToOpen(now - began);
    return new Connection(client, line, now);
  }

  #onOpened(connection: Connection): void {
    const { line } = connection;
    line.opening--;
    line.cluster.opening--;
    line.cluster.counts.opens++;
    line.cluster.outage.succeeded();
    line.outage.succeeded();
    if (line.pins) line.cluster.pinned++;
    line.opened(connection);
    this.#options.opened(connection);
  }

  #onFailed(line: TenantLine, error: unknown): void {
    line.opening--;
    line.cluster.opening--;
    line.cluster.giveBack();
    line.cluster.counts.failures++;
    this.#learn(line, error);
    void line.lease.drop();
    this.#options.failed(line);
  }

  #learn(line: TenantLine, error: unknown): void {
    const now = performance.now();
    const failure = classifyFailure(error);
    // A target that can't be opened, or an embedded database, says nothing of others.
    const isOwn = failure.of === "database" || line.lease.target === undefined || !line.cluster.isServer;
    const whose = isOwn ? line : line.cluster;
    if (failure.is === "down") whose.outage.failed(now, error);
    else whose.ceiling.refused(now, isOwn ? line.connections.size : line.cluster.held - line.cluster.opening);
  }
}
