import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ChannelWatch, Tenant } from "@plinth/core";
import type { StorageQuery } from "../endpoint/storage-query.ts";
import type { BufferedBytes } from "./buffered-bytes.ts";
import { releaseUpload, selectUpload, toUploads } from "./resumable-upload.ts";

/** Notified with an upload's id where another process is asked to let go of it. */
const CHANNEL = "plinth_resumable";

/** How long whoever holds an upload has to keep what has come, in milliseconds: here, and in another process, which may have died. */
const PATIENCE_MS = { here: 10_000, elsewhere: 1_500 } as const;
const POLL_MS = 100;

/** A request that is receiving an upload's bytes. */
export interface Receiving {
  /** Names it in the upload's row. */
  readonly holder: string;
  /** Fires when somebody else wants to go on with the upload. */
  readonly interrupted: AbortSignal;
  end(): void;
}

/**
 * Who is receiving bytes of which uploads, in this process. A client whose connection broke comes back before the server has
 * noticed: the request before then keeps what it has, and lets go.
 */
export class UploadsUnderWay {
  readonly buffered: BufferedBytes;
  readonly #tenant: Tenant;
  readonly #receiving = new Map<string, Set<{ readonly interrupt: () => void; readonly ended: Promise<void> }>>();
  #watch: ChannelWatch | undefined;

  constructor(tenant: Tenant, buffered: BufferedBytes) {
    this.#tenant = tenant;
    this.buffered = buffered;
  }

  async begin(id: string): Promise<Receiving> {
    this.#watch ??= this.#tenant.watch(CHANNEL, (payload) => this.#interruptHere(payload));
    await this.#watch.listen();
    const interruption = new AbortController();
    let resolve = (): void => undefined;
    const ended = new Promise<void>((settle) => (resolve = settle));
    const receiving = { interrupt: () => interruption.abort(), ended };
    const others = this.#receiving.get(id) ?? new Set();
    this.#receiving.set(id, others.add(receiving));
    const end = (): void => {
      others.delete(receiving);
      if (others.size === 0 && this.#receiving.get(id) === others) this.#receiving.delete(id);
      resolve();
    };
    return { holder: randomUUID(), interrupted: interruption.signal, end };
  }

  /** Has whoever is receiving the upload's bytes keep what has come and let go, and waits for that as long as is sensible. */
  async interrupt(call: StorageQuery, id: string): Promise<void> {
    const here = this.#interruptHere(id);
    if (here.length > 0) await Promise.race([Promise.all(here), sleep(PATIENCE_MS.here, undefined, { ref: false })]);
    const notify = { sql: "select pg_notify($1, $2)", parameters: [CHANNEL, id] };
    const [found] = await call.query("service", [selectUpload(id)], { readOnly: true });
    let [upload] = toUploads(found!);
    if (upload === undefined || upload.holder === null) return;
    const { holder } = upload;
    await call.query("service", [notify]);
    for (let waited = 0; upload?.holder === holder && waited < PATIENCE_MS.elsewhere; waited += POLL_MS) {
      await sleep(POLL_MS);
      const [again] = await call.query("service", [selectUpload(id)], { readOnly: true });
      [upload] = toUploads(again!);
    }
    // Whoever held it can't move it on any more.
    await call.query("service", [releaseUpload(id, holder)]);
  }

  dispose(): void {
    this.#watch?.stop();
  }

  #interruptHere(id: string): ReadonlyArray<Promise<void>> {
    return [...(this.#receiving.get(id) ?? [])].map(({ interrupt, ended }) => {
      interrupt();
      return ended;
    });
  }
}
