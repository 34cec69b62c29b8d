import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { NamedProjects, Names } from "./read-names.ts";

/** What a request's host is called: a ref (a label below the base domain), or a whole domain. */
export interface HostName {
  readonly kind: "domain" | "ref";
  readonly name: string;
}

export type NamesReader = (names: Names) => Promise<NamedProjects>;

interface Asked {
  readonly host: HostName;
  readonly answer: Promise<string | undefined>;
  resolve(ref: string | undefined): void;
  reject(error: unknown): void;
}

/** Names in one statement at most. */
const MAX_BATCH = 500;
/** Names that wait at most. */
const MAX_WAITING = 2_000;

/**
 * Asks the metadata for many names in few statements: one is under way at a time, and what is asked meanwhile goes into
 * the next. So a flood of made-up hosts costs no more statements than the database answers anyway.
 */
export class NameLookup {
  readonly #read: NamesReader;
  readonly #waiting = new Map<string, Asked>();
  #underWay = false;

  constructor(read: NamesReader) {
    this.#read = read;
  }

  /**
   * @returns the ref of the project that the name leads to
   * @throws BackendError PLINTH_TOO_BUSY where too many wait already; what reading throws
   */
  find(host: HostName): Promise<string | undefined> {
    const key = `${host.kind} ${host.name}`;
    const known = this.#waiting.get(key);
    if (known) return known.answer;
    if (this.#waiting.size >= MAX_WAITING) return Promise.reject(new BackendError(CORE_ERRORS.tooBusy, { headers: { "Retry-After": "1" } }));
    const asked = ask(host);
    this.#waiting.set(key, asked);
    if (!this.#underWay) void this.#work();
    return asked.answer;
  }

  async #work(): Promise<void> {
    this.#underWay = true;
    // Whoever asks in the same turn of the event loop shares the first statement as well.
    await Promise.resolve();
    while (this.#waiting.size > 0) await this.#answer(this.#take());
    this.#underWay = false;
  }

  #take(): readonly Asked[] {
    const batch: Asked[] = [];
    for (const [key, asked] of this.#waiting) {
      if (batch.length === MAX_BATCH) break;
      this.#waiting.delete(key);
      batch.push(asked);
    }
    return batch;
  }

  async #answer(batch: readonly Asked[]): Promise<void> {
    const namesOf = (kind: HostName["kind"]): readonly string[] => batch.filter(({ host }) => host.kind === kind).map(({ host }) => host.name);
    try {
      const found = await this.#read({ domains: namesOf("domain"), refs: namesOf("ref") });
      for (const { host, resolve } of batch) resolve((host.kind === "domain" ? found.domains : found.refs).get(host.name));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

function ask(host: HostName): Asked {
  let resolve!: Asked["resolve"];
  let reject!: Asked["reject"];
  const answer = new Promise<string | undefined>((answered, failed) => {
    resolve = answered;
    reject = failed;
  });
  return { host, answer, resolve, reject };
}
