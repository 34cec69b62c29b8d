import { setTimeout as sleep } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import { findRow } from "../../projects/find-row.ts";
import type { ProjectRow } from "../../projects/project-rows.ts";
import { migrationsChecksum } from "../migration-checksum.ts";
import type { MigrationFile } from "../migration-file.ts";
import { withDefaults } from "./migrate-all-options.ts";
import { migrateProject, type MigrationWork } from "./migrate-project.ts";
import type { MigrationSurroundings } from "./migration-surroundings.ts";

export interface ProjectUpgradesOptions {
  readonly surroundings: MigrationSurroundings;
  readonly files: readonly MigrationFile[];
  /** How long a request waits for its project's upgrade before it is told to come back, in milliseconds. */
  readonly waitMs: number;
  /** Projects upgraded at the same time; others wait for their turn. */
  readonly concurrency: number;
  /** Told of upgrades that failed, with requests going on as before, and of those that come to nothing for now. */
  readonly onError: (error: unknown) => void;
}

type Candidate = Pick<ProjectRow, "ref" | "uid">;

const RETRY_AFTER_SECONDS = "2";
/** Milliseconds between two looks at a project that another process is upgrading. */
const BUSY_PAUSE = 200;

/** Brings projects up to date when they are first used: once each, however many ask, in whichever process. */
export class ProjectUpgrades {
  readonly #options: ProjectUpgradesOptions;
  readonly #checksum: string;
  readonly #flights = new Map<string, Promise<void>>();
  /** Seen to before, by uid: also those that are ahead of these files, which the metadata doesn't tell. */
  readonly #seen = new LRUCache<string, true>({ max: 10_000 });
  readonly #waiting: Array<() => void> = [];
  #running = 0;
  #closed = false;

  constructor(options: ProjectUpgradesOptions) {
    this.#options = options;
    this.#checksum = migrationsChecksum(options.files);
  }

  /**
   * Returns once the project has the files, or can't have them now: then it is served as it is.
   * @param ref its present one
   * @throws BackendError PLINTH_PROJECT_UPGRADING with Retry-After where that takes longer; it goes on meanwhile
   */
  async ensure(ref: string): Promise<void> {
    const { metadata, setup } = this.#options.surroundings;
    const project = await findRow(metadata.db, ref);
    if (project === undefined || project.quarantine !== null || this.#seen.has(project.uid)) return;
    if (project.migrations_checksum === this.#checksum && !setup.isStale(project)) return;
    const flight = this.#flights.get(project.uid) ?? this.#start(project);
    const waiting = new AbortController();
    const tooLong = sleep(this.#options.waitMs, "too long" as const, { signal: waiting.signal });
    tooLong.catch(() => undefined);
    const result = await Promise.race([flight, tooLong]).finally(() => waiting.abort());
    if (result === "too long") throw new BackendError(CORE_ERRORS.projectUpgrading, { headers: { "Retry-After": RETRY_AFTER_SECONDS } });
  }

  /** Begins none any more; waits for those under way. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const next of this.#waiting.splice(0)) next();
    await Promise.allSettled(this.#flights.values());
  }

  /** Never rejects: whatever comes of it, the project is served. */
  #start(project: Candidate): Promise<void> {
    const flight = this.#inTurn(() => this.#upgrade(project))
      .catch((error: unknown) => this.#options.onError(error))
      .finally(() => this.#flights.delete(project.uid));
    this.#flights.set(project.uid, flight);
    return flight;
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    if (this.#running >= this.#options.concurrency) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
    try {
      if (!this.#closed) await work();
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #upgrade({ ref, uid }: Candidate): Promise<void> {
    for (let name = ref; !this.#closed; ) {
      const attempt = await migrateProject(this.#work(), { ref: name, uid });
      if (attempt.done) {
        this.#seen.set(uid, true);
        const { outcome, reason } = attempt.project;
        if (outcome === "failed" || outcome === "changed") throw new Error(`The project "${name}" could not be upgraded, and is served as it is: ${reason}`);
        return;
      }
      if (!attempt.isBusy) throw new Error(`The project "${name}" could not be upgraded for now: ${attempt.reason}`);
      name = attempt.ref;
      await sleep(BUSY_PAUSE);
    }
  }

  #work(): MigrationWork {
    const { surroundings, files } = this.#options;
    const { lockTimeoutMs } = withDefaults({});
    const selection = { retryQuarantined: false, isNamed: () => false, isExempt: surroundings.isExempt };
    return { surroundings, files, checksum: this.#checksum, selection, lockTimeoutMs, actor: "upgrade", run: undefined, begunAt: new Date() };
  }
}
