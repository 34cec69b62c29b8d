import { setImmediate } from "node:timers/promises";
import type pg from "pg";
import { PROJECTS_CHANNEL, readNotice } from "../../metadata/announce-change.ts";
import type { ProjectRecord } from "../project-record.ts";
import { RecordCache } from "../record-cache.ts";
import { NoticeListener } from "./notice-listener.ts";

/** Called when a project has changed or is about to lose its database, and waited for. */
export type ProjectListener = (ref: string) => void | Promise<void>;

export interface ProjectWatchOptions {
  readonly read: (ref: string) => Promise<ProjectRecord>;
  /** Where other processes' changes are told; undefined where there are none. */
  readonly shared: pg.ClientConfig | undefined;
  /** Marks notices that this process sends itself, and has acted on. */
  readonly origin: string;
  readonly maxRecords: number;
  readonly ttlMs: number;
}

/** For how long a record is good while changes can't be heard of. In milliseconds. */
const DEAF_TTL_MS = 1_000;
/** Records looked at again at the same time, after changes may have gone unheard. */
const REVIEWERS = 4;

/** What this process knows of projects, and who is to be told when that is no longer so. */
export class ProjectWatch {
  readonly #records: RecordCache;
  readonly #listeners = new Set<ProjectListener>();
  readonly #onMissed = new Set<() => void>();
  readonly #notices: NoticeListener | undefined;

  constructor({ read, shared, origin, maxRecords, ttlMs }: ProjectWatchOptions) {
    const isDeaf = (): boolean => this.#notices !== undefined && !this.#notices.listening;
    this.#records = new RecordCache({ read, max: maxRecords, ttlMs: () => (isDeaf() ? Math.min(DEAF_TTL_MS, ttlMs) : ttlMs) });
    this.#notices = shared && new NoticeListener({
      config: shared,
      channel: PROJECTS_CHANNEL,
      onNotice: (payload) => {
        const notice = readNotice(payload);
        if (notice.origin !== origin) void this.letGo(notice.ref).catch(() => undefined);
      },
      onListening: () => {
        for (const listener of this.#onMissed) listener();
        void this.#review().catch(() => undefined);
      },
    });
  }

  /**
   * What is not served is answered in another turn of the event loop: a caller in this process that asks again and again
   * would else be answered from memory for ever, and keep from its work what it waits for.
   */
  async record(ref: string): Promise<ProjectRecord> {
    this.#notices?.start();
    const record = await this.#records.get(ref).catch(async (error: unknown) => {
      await setImmediate();
      throw error;
    });
    if (record.project.status !== "active") await setImmediate();
    return record;
  }

  /** Forgets the project, by whichever of its refs it is known, and tells the listeners. */
  async letGo(ref: string): Promise<void> {
    const refs = this.#records.refsOf(ref);
    for (const each of refs) this.#records.forget(each);
    await this.#tell(refs);
  }

  /** @returns stops telling */
  onChange(listener: ProjectListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** See `ControlPlane.hearsChanges`. */
  hears(): boolean {
    this.#notices?.start();
    return this.#notices?.listening ?? true;
  }

  /** @returns stops telling */
  onMissed(listener: () => void): () => void {
    this.#onMissed.add(listener);
    return () => void this.#onMissed.delete(listener);
  }

  async close(): Promise<void> {
    await this.#notices?.close();
  }

  async #tell(refs: readonly string[]): Promise<void> {
    await Promise.all(refs.flatMap((ref) => [...this.#listeners].map((listener) => listener(ref))));
  }

  /** After changes may have gone unheard: nothing that was known counts any more, and what turns out otherwise is told. */
  async #review(): Promise<void> {
    const given = this.#records.forgetAll()[Symbol.iterator]();
    const reviewer = async (): Promise<void> => {
      for (const [ref, before] of given) {
        const now = await this.#records.get(ref).catch(() => undefined);
        if (JSON.stringify(now) !== JSON.stringify(before)) await this.#tell([ref]);
      }
    };
    await Promise.all(Array.from({ length: REVIEWERS }, reviewer));
  }
}
