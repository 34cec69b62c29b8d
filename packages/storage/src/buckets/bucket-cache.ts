import type { ChannelWatch, RawResult, Statement, Tenant } from "@plinth/core";
import { type Bucket, selectBuckets, toBuckets } from "./bucket.ts";

/** Notified by a trigger of the set-up whenever a bucket was changed. */
const CHANNEL = "plinth_storage";

type Ask = (statement: Statement) => Promise<RawResult>;

/**
 * A project's buckets, as long as somebody hears of their changes: each upload and download asks for one. Those that there
 * aren't are looked for again. Adopted databases have no trigger that tells, so that nothing is kept of theirs.
 */
export class BucketCache {
  readonly #watch: ChannelWatch | undefined;
  readonly #known = new Map<string, Bucket>();
  /** The epoch of the watch in which they were read. */
  #epoch = 0;
  #changes = 0;

  constructor(tenant: Pick<Tenant, "watch" | "project">) {
    this.#watch = tenant.project.adopted ? undefined : tenant.watch(CHANNEL, () => this.forget());
  }

  /** @param ask as the service role */
  async get(id: string, ask: Ask): Promise<Bucket | undefined> {
    return this.peek(id) ?? this.#load(id, ask);
  }

  /** Undefined where the database has to be asked. */
  peek(id: string): Bucket | undefined {
    const epoch = this.#watch?.epoch ?? 0;
    return epoch !== 0 && epoch === this.#epoch ? this.#known.get(id) : undefined;
  }

  /** After a change in this process: the notice of it may take a moment. */
  forget(): void {
    this.#changes++;
    this.#known.clear();
  }

  dispose(): void {
    this.#watch?.stop();
  }

  async #load(id: string, ask: Ask): Promise<Bucket | undefined> {
    // First, so that no change goes unnoticed after it was read.
    const { epoch } = (await this.#watch?.listen()) ?? { epoch: 0 };
    if (epoch !== this.#epoch) this.#known.clear();
    this.#epoch = epoch;
    const changes = this.#changes;
    const [bucket] = toBuckets(await ask(selectBuckets("where id = $1", [id])));
    if (bucket && epoch !== 0 && changes === this.#changes && epoch === this.#epoch) this.#known.set(id, bucket);
    return bucket;
  }
}
