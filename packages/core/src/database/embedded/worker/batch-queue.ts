/** What one client asks the backend to run. */
export interface QueuedBatch {
  readonly client: number;
  /** Kind and flags of `wire/record.ts`. */
  readonly head: number;
  readonly body: Buffer;
}

/** Clients take turns, one batch each; while one has the backend, it alone does. */
export class BatchQueue {
  readonly #waiting = new Map<number, QueuedBatch[]>();
  /** Clients in the order of their turns, each once. */
  readonly #turns = new Set<number>();

  push(batch: QueuedBatch): void {
    const waiting = this.#waiting.get(batch.client);
    if (waiting) waiting.push(batch);
    else this.#waiting.set(batch.client, [batch]);
    this.#turns.add(batch.client);
  }

  /** @param owner client whose transaction is open; 0: none */
  next(owner: number): QueuedBatch | undefined {
    const client = owner === 0 ? this.#turns.values().next().value : owner;
    const waiting = client === undefined ? undefined : this.#waiting.get(client);
    if (client === undefined || !waiting) return undefined;
    const batch = waiting.shift();
    this.#turns.delete(client);
    if (waiting.length > 0) this.#turns.add(client);
    else this.#waiting.delete(client);
    return batch;
  }

  /** Takes out what the client waits for. */
  remove(client: number): QueuedBatch[] {
    const waiting = this.#waiting.get(client) ?? [];
    this.#waiting.delete(client);
    this.#turns.delete(client);
    return waiting;
  }
}
