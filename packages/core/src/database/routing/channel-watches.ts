import { isConnectionFailure } from "../connection-error.ts";
import type { ChannelWatch, WatchStart } from "../pool.ts";
import { sendListen } from "./send-listen.ts";
import type { TargetLease } from "./target-lease.ts";
import type { Connection, ConnectionListener } from "./tenant-line.ts";

/** How long a number lasts where nothing is heard. */
const CLOCK_MS = 1_000;

/** What watches need of the connections they listen on. */
export interface WatchedConnections {
  /** A number that was never given before. */
  nextEpoch(): number;
  /** Waits for any connection of the tenant that serves requests. */
  borrow(): Promise<Connection>;
  /** Waits for a connection past the pooler, apart from those. */
  pin(): Promise<Connection>;
  /** Waits until this one is free. */
  claim(connection: Connection): Promise<boolean>;
  giveBack(connection: Connection, isBroken: boolean): void;
  close(connection: Connection): Promise<void>;
  /** Whether there are connections that serve requests. */
  readonly hasConnections: boolean;
}

interface Listening {
  readonly connection: Connection;
  readonly channels: ReadonlySet<string>;
  readonly epoch: number;
}

/** What somebody wants to know at the moment from which on nothing is missed. */
interface Question {
  readonly sql: string;
  start?: WatchStart;
}

/**
 * A tenant's watches. They cost no connection: one of those that are there anyway listens. Where the tenant's connections
 * go through a pooler, one past it listens as long as there are others; where that can't be had, the epoch is a clock's.
 */
export class ChannelWatches implements ConnectionListener {
  readonly #lease: TargetLease;
  readonly #connections: WatchedConnections;
  readonly #watches = new Map<string, Set<(payload: string) => void>>();
  readonly #heard = new WeakSet<Connection>();
  /** Asked along with the next LISTEN. */
  readonly #questions = new Set<Question>();
  #listening: Listening | undefined;
  /** LISTENs right now. */
  #candidate: Connection | undefined;
  #pinning: Promise<void> | undefined;
  /** Until then it is not tried again. */
  #refusedUntil = 0;
  #clock = { epoch: 0, until: 0 };

  constructor(lease: TargetLease, connections: WatchedConnections) {
    this.#lease = lease;
    this.#connections = connections;
  }

  watch(channel: string, onPayload: (payload: string) => void): ChannelWatch {
    const onPayloads = this.#watches.get(channel) ?? new Set();
    const add = (): void => void this.#watches.set(channel, onPayloads.add(onPayload));
    const epoch = (): number => this.#epochOf(channel);
    add();
    return {
      get epoch() {
        return epoch();
      },
      listen: (question) => {
        add();
        return question === undefined ? this.#listen(channel) : this.#listenAndAsk(channel, { sql: question });
      },
      flush: () => this.#flush(),
      stop: () => {
        onPayloads.delete(onPayload);
        if (onPayloads.size === 0 && this.#watches.get(channel) === onPayloads) this.#watches.delete(channel);
        if (this.#watches.size === 0) this.#forget();
      },
    };
  }

  get wantsConnection(): boolean {
    return this.#watches.size > 0 && this.#listening === undefined && this.#candidate === undefined && this.#pinning === undefined && performance.now() >= this.#refusedUntil && this.#isListenable;
  }

  isOn(connection: Connection): boolean {
    return this.#listening?.connection === connection;
  }

  async prepare(connection: Connection): Promise<void> {
    // A pooler's connection can't wait for another one: that may take long.
    if (this.#isPooled) void this.#pin();
    else await this.#listenOn(connection);
  }

  lost(connection: Connection): void {
    if (this.isOn(connection)) this.#listening = undefined;
    else if (this.#isPooled && !this.#connections.hasConnections) this.#forget();
  }

  get #isPooled(): boolean {
    return this.#lease.target?.listens === false;
  }

  /** Where the target isn't open it is not known yet. */
  get #isListenable(): boolean {
    return !this.#isPooled || this.#lease.target?.direct !== undefined;
  }

  #epochOf(channel: string): number {
    if (this.#listening?.channels.has(channel)) return this.#listening.epoch;
    const isClocked = !this.#isListenable || performance.now() < this.#refusedUntil;
    return isClocked ? this.#tick() : 0;
  }

  #tick(): number {
    const now = performance.now();
    if (now >= this.#clock.until) this.#clock = { epoch: this.#connections.nextEpoch(), until: now + CLOCK_MS };
    return this.#clock.epoch;
  }

  async #listenAndAsk(channel: string, question: Question): Promise<WatchStart> {
    this.#questions.add(question);
    try {
      const start = await this.#listen(channel);
      // An answer of another epoch may be older than what was missed between the two.
      return question.start?.epoch === start.epoch ? question.start : start;
    } finally {
      this.#questions.delete(question);
    }
  }

  async #listen(channel: string): Promise<WatchStart> {
    if (this.#epochOf(channel) === 0) await this.#haveSomebodyListen(channel);
    return { epoch: this.#epochOf(channel), answer: undefined };
  }

  async #haveSomebodyListen(channel: string): Promise<void> {
    // Opening a connection has it listen, before it is lent.
    const connection = await this.#connections.borrow();
    try {
      if (this.#isPooled) await this.#pin();
      else if (this.#epochOf(channel) === 0) await this.#listenOn(connection);
    } finally {
      this.#connections.giveBack(connection, false);
    }
  }

  #pin(): Promise<void> {
    if (!this.#isListenable || performance.now() < this.#refusedUntil) return Promise.resolve();
    this.#pinning ??= this.#listenPastPooler().finally(() => (this.#pinning = undefined));
    return this.#pinning;
  }

  async #listenPastPooler(): Promise<void> {
    if (this.#listening && this.#coversAll(this.#listening)) return;
    try {
      const connection = this.#listening?.connection ?? (await this.#connections.pin());
      if (this.#connections.hasConnections) await this.#listenOn(connection);
      if (!this.isOn(connection)) await this.#connections.close(connection);
    } catch {
      // Not to be had now. The clock will do meanwhile.
      this.#refuse();
    }
  }

  #coversAll({ channels }: Listening): boolean {
    return [...this.#watches.keys()].every((channel) => channels.has(channel));
  }

  async #listenOn(connection: Connection): Promise<void> {
    const channels = new Set(this.#watches.keys());
    const questions = [...this.#questions];
    this.#candidate = connection;
    this.#hear(connection);
    try {
      const answers = await sendListen(connection.client, [...channels], questions.map(({ sql }) => sql));
      if (connection.state === "closed" || this.#watches.size === 0) return;
      const epoch = this.#connections.nextEpoch();
      this.#listening = { connection, channels, epoch };
      for (const [i, question] of questions.entries()) question.start = { epoch, answer: answers[i] };
    } catch (error) {
      // A standby, for one, takes no LISTEN.
      if (!isConnectionFailure(error)) this.#refuse();
    } finally {
      this.#candidate = undefined;
    }
  }

  #hear(connection: Connection): void {
    if (this.#heard.has(connection)) return;
    this.#heard.add(connection);
    connection.client.on("notification", ({ channel, payload = "" }) => {
      // One that listened before still hears: what it hears, the present one does too.
      if (connection !== this.#candidate && !this.isOn(connection)) return;
      for (const onPayload of this.#watches.get(channel) ?? []) onPayload(payload);
    });
  }

  #refuse(): void {
    this.#refusedUntil = performance.now() + CLOCK_MS;
  }

  async #flush(): Promise<void> {
    const connection = this.#listening?.connection;
    if (connection === undefined) return;
    const isOwn = connection.line.pins;
    if (!isOwn && !(await this.#connections.claim(connection))) return;
    try {
      // PostgreSQL hands over what was notified before it says that it is ready.
      await connection.client.query("select 1");
    } catch {
      // Then nobody listens any more, which the epoch tells.
    } finally {
      if (!isOwn) this.#connections.giveBack(connection, false);
    }
  }

  #forget(): void {
    const connection = this.#listening?.connection;
    this.#listening = undefined;
    if (connection?.line.pins) void this.#connections.close(connection);
  }
}
