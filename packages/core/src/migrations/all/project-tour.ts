import { setTimeout as sleep } from "node:timers/promises";
import type { ProjectRow } from "../../projects/project-rows.ts";
import { inParallel } from "./in-parallel.ts";
import { inspectProject } from "./inspect-project.ts";
import { leftOut } from "./left-out.ts";
import type { MigrateAllSettings } from "./migrate-all-options.ts";
import { type Attempt, fromResult, isSettled, migrateProject, type MigrationWork } from "./migrate-project.ts";
import type { RunResult } from "./migration-run.ts";
import type { ProjectMigration, ProjectMigrationOutcome } from "./project-migration.ts";

/** Milliseconds between two tries of those that could not be had: at first, and at most. */
const PAUSE = { first: 250, longest: 5_000 };

interface Visit {
  readonly row: ProjectRow;
  /** Its present one. */
  readonly ref: string;
  readonly reason?: string;
  readonly isBusy?: boolean;
}

const FAILURES: ReadonlySet<ProjectMigrationOutcome> = new Set(["failed", "changed"]);

/** The projects one after another, some at the same time, and again those that could not be had. */
export class ProjectTour {
  readonly results: ProjectMigration[] = [];
  readonly #work: MigrationWork;
  readonly #settings: MigrateAllSettings;
  readonly #total: number;
  #failures = 0;
  #unvisited = 0;

  constructor(work: MigrationWork, settings: MigrateAllSettings, total: number) {
    this.#work = work;
    this.#settings = settings;
    this.#total = total;
  }

  get isInterrupted(): boolean {
    return this.#unvisited > 0;
  }

  /** What is known without a look into its database. @returns false where it is not */
  settleBeforehand(row: ProjectRow, result: RunResult | undefined): boolean {
    const settled = this.#knownOutcome(row, result);
    if (settled !== undefined) this.#tell(settled);
    return settled !== undefined;
  }

  #knownOutcome(row: ProjectRow, result: RunResult | undefined): ProjectMigration | undefined {
    const { selection, checksum, surroundings } = this.#work;
    if (result !== undefined && isSettled(result, row, this.#work)) return fromResult(row.ref, result);
    const nothing = { ref: row.ref, files: [], setup: false, milliseconds: 0 };
    const left = leftOut(row, selection);
    if (left !== undefined) return { ...nothing, ...left };
    const isCurrent = row.migrations_checksum === checksum && row.quarantine === null && !surroundings.setup.isStale(row);
    return isCurrent && !this.#settings.verify && row.status !== "moving" ? { ...nothing, outcome: "current" } : undefined;
  }

  async visit(rows: readonly ProjectRow[]): Promise<void> {
    let waiting: readonly Visit[] = rows.map((row) => ({ row, ref: row.ref }));
    let deadline = Number.POSITIVE_INFINITY;
    for (let pause = PAUSE.first; waiting.length > 0; pause = Math.min(pause * 2, PAUSE.longest)) {
      const later = await this.#pass(waiting);
      if (later.length === 0 || this.#isOver()) return this.#leave(later);
      deadline = Math.min(deadline, Date.now() + this.#settings.patienceMs);
      // Those that another process is at work on are waited for: their outcome belongs into the result.
      if (Date.now() >= deadline && !later.some(({ isBusy }) => isBusy)) return this.#giveUp(later);
      await sleep(pause, undefined, { signal: this.#settings.signal }).catch(() => undefined);
      waiting = later;
    }
  }

  /** @returns those that are to be tried again */
  async #pass(visits: readonly Visit[]): Promise<Visit[]> {
    const later: Visit[] = [];
    const down = new Map<string, string>();
    const visit = async ({ row, ref }: Visit): Promise<void> => {
      const reason = down.get(row.cluster);
      const attempt: Attempt = reason === undefined ? await this.#attempt(row, ref) : { done: false, ref, reason, isBusy: false, isServerDown: true };
      if (attempt.done) return this.#settle(attempt.project);
      // Whatever else is there would only wait for the same.
      if (attempt.isServerDown) down.set(row.cluster, attempt.reason);
      later.push({ row, ref: attempt.ref, reason: attempt.reason, isBusy: attempt.isBusy });
    };
    const visited = new Set<Visit>();
    const noting = (each: Visit): Promise<void> => {
      visited.add(each);
      return visit(each);
    };
    await inParallel(visits, this.#settings.concurrency, noting, () => this.#isOver());
    this.#unvisited = visits.filter((each) => !visited.has(each)).length;
    return later;
  }

  #attempt(row: ProjectRow, ref: string): Promise<Attempt> {
    const { dryRun } = this.#settings;
    return dryRun ? inspectProject(this.#work, row, dryRun === "try") : migrateProject(this.#work, { ref, uid: row.uid });
  }

  #isOver(): boolean {
    return this.#failures >= this.#settings.maxFailures || (this.#settings.signal?.aborted ?? false);
  }

  /** Those that are left when it is ended early have no outcome, and the run is still to be gone on with. */
  #leave(later: readonly Visit[]): void {
    this.#unvisited += later.length;
  }

  #giveUp(visits: readonly Visit[]): void {
    for (const { ref, reason = "" } of visits) this.#settle({ ref, outcome: "unavailable", reason, files: [], setup: false, milliseconds: 0 });
  }

  #settle(project: ProjectMigration): void {
    this.#tell(project);
    if (!FAILURES.has(project.outcome)) return;
    this.#failures++;
    this.#settings.onFailure?.(project);
  }

  #tell(project: ProjectMigration): void {
    this.results.push(project);
    this.#settings.onProgress?.({ done: this.results.length, total: this.#total, project });
  }
}
