import { LRUCache } from "lru-cache";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { ProjectRecord } from "./project-record.ts";

export interface RecordCacheOptions {
  readonly read: (ref: string) => Promise<ProjectRecord>;
  readonly max: number;
  /** For how long a record that was read is good, in milliseconds: as things are now. */
  readonly ttlMs: () => number;
}

interface Known {
  readonly record: ProjectRecord;
  /** When its reading began. */
  readonly at: number;
}

/** Refs kept that are nobody's: whoever asks for made-up ones must not fill the memory. */
const MAX_ABSENT = 10_000;
/** For less long than records: it spares the database a burst, no more. */
const ABSENT_TTL_MS = 5_000;

/**
 * Records of projects in use, by the refs that they were asked for. However many ask for one at the same time, it is
 * read once. That there is no such project is kept as well, for a little; other failures are not.
 */
export class RecordCache {
  readonly #options: RecordCacheOptions;
  readonly #known: LRUCache<string, Known>;
  readonly #absent = new LRUCache<string, number>({ max: MAX_ABSENT });
  readonly #reading = new Map<string, Promise<ProjectRecord>>();
  /** Earlier refs that were asked for, with the one that their project had then. */
  readonly #askedBy = new LRUCache<string, string>({ max: MAX_ABSENT });

  constructor(options: RecordCacheOptions) {
    this.#options = options;
    this.#known = new LRUCache({ max: options.max });
  }

  async get(ref: string): Promise<ProjectRecord> {
    const known = this.#known.get(ref);
    if (known && this.#isGood(known.at, Infinity)) return known.record;
    const absent = this.#absent.get(ref);
    if (absent !== undefined && this.#isGood(absent, ABSENT_TTL_MS)) throw new BackendError(CORE_ERRORS.projectNotFound, { details: `No project "${ref}".` });
    return this.#reading.get(ref) ?? this.#start(ref);
  }

  /** What is being read just now is given to those who wait for it, and not kept. */
  forget(ref: string): void {
    this.#known.delete(ref);
    this.#absent.delete(ref);
    this.#reading.delete(ref);
  }

  /** Forgets everything. @returns the records that were given out, by ref */
  forgetAll(): ReadonlyMap<string, ProjectRecord> {
    const given = new Map([...this.#known.entries()].map(([ref, { record }]) => [ref, record]));
    this.#known.clear();
    this.#absent.clear();
    this.#reading.clear();
    return given;
  }

  /** The project's ref, and those of its earlier ones that it was asked for by. */
  refsOf(ref: string): readonly string[] {
    const aliases = [...this.#askedBy.entries()].filter(([, present]) => present === ref).map(([alias]) => alias);
    return [ref, ...aliases];
  }

  #isGood(at: number, longestMs: number): boolean {
    return Date.now() - at < Math.min(this.#options.ttlMs(), longestMs);
  }

  async #start(ref: string): Promise<ProjectRecord> {
    const at = Date.now();
    const reading = this.#options.read(ref);
    this.#reading.set(ref, reading);
    const isLast = (): boolean => this.#reading.get(ref) === reading;
    try {
      const record = await reading;
      if (record.project.ref !== ref) this.#askedBy.set(ref, record.project.ref);
      if (isLast()) this.#known.set(ref, { record, at });
      return record;
    } catch (error) {
      if (isLast() && error instanceof BackendError && error.code === CORE_ERRORS.projectNotFound.code) this.#absent.set(ref, at);
      if (isLast()) this.#known.delete(ref);
      throw error;
    } finally {
      if (isLast()) this.#reading.delete(ref);
    }
  }
}
