import type { ListenIntent } from "../wire/session-commands.ts";
import { MESSAGE_HEADER } from "../wire/message-type.ts";
import { readCString } from "../wire/encode-message.ts";

/** The parts of a backend's session that LISTEN is about. */
export interface ListeningBackend {
  /** Channels the backend listens to. */
  listening(): string[];
  run(sql: string): void;
}

/**
 * Which client listens to what. To the backend they are one session, so it listens to what any of them does, and this
 * keeps it so when one of them stops.
 */
export class Listeners {
  readonly #backend: ListeningBackend;
  readonly #channels = new Map<string, Set<number>>();
  /** Take effect when the client's transaction is committed. */
  readonly #pending = new Map<number, ListenIntent[]>();

  constructor(backend: ListeningBackend) {
    this.#backend = backend;
  }

  announce(client: number, intents: readonly ListenIntent[]): void {
    this.#pending.set(client, [...(this.#pending.get(client) ?? []), ...intents]);
  }

  /** After a batch of the client that left it in no transaction. */
  settle(client: number, committed: boolean): void {
    const intents = this.#pending.get(client);
    if (!intents) return;
    this.#pending.delete(client);
    if (!committed) return;
    // One in a savepoint that was rolled back is not among them.
    const effective = new Set(this.#backend.listening());
    for (const intent of intents) this.#apply(client, intent, effective);
    this.#reconcile(effective);
  }

  /** The client has gone. */
  remove(client: number): void {
    this.#pending.delete(client);
    let listened = false;
    for (const clients of this.#channels.values()) listened = clients.delete(client) || listened;
    if (listened) this.#reconcile(new Set(this.#backend.listening()));
  }

  /** The clients that a NotificationResponse is for. */
  of(notification: Buffer): ReadonlySet<number> {
    return this.#channels.get(readCString(notification, MESSAGE_HEADER + 4)) ?? new Set();
  }

  #apply(client: number, intent: ListenIntent, effective: ReadonlySet<string>): void {
    if ("listen" in intent) {
      if (effective.has(intent.listen)) this.#clientsOf(intent.listen).add(client);
    } else if (intent.unlisten !== null) this.#channels.get(intent.unlisten)?.delete(client);
    else for (const clients of this.#channels.values()) clients.delete(client);
  }

  #clientsOf(channel: string): Set<number> {
    const clients = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, clients);
    return clients;
  }

  #reconcile(actual: ReadonlySet<string>): void {
    for (const [channel, clients] of this.#channels) if (clients.size === 0) this.#channels.delete(channel);
    for (const channel of this.#channels.keys()) if (!actual.has(channel)) this.#backend.run(`LISTEN ${quoteIdentifier(channel)}`);
    for (const channel of actual) if (!this.#channels.has(channel)) this.#backend.run(`UNLISTEN ${quoteIdentifier(channel)}`);
  }
}

function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
