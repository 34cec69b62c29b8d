/**
 * Lets no project have more than its share of this process's workers. Workers look for jobs one at a time, so that each
 * knows which projects have theirs; those are left out of its look.
 */
export class ProjectTurns {
  readonly #share: number;
  readonly #active = new Map<string, number>();
  #isLooking = false;
  readonly #waiting: (() => void)[] = [];

  /** @param share jobs of one project that run at the same time at most */
  constructor(share: number) {
    this.#share = share;
  }

  /** @returns the projects to be left out. To be followed by `end`. */
  async begin(): Promise<string[]> {
    // Whose turn ends hands it over, so that nobody comes in between.
    if (this.#isLooking) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isLooking = true;
    return [...this.#active].filter(([, count]) => count >= this.#share).map(([project]) => project);
  }

  /** @param projects of the job that was found */
  end(projects: readonly string[] = []): void {
    for (const project of projects) this.#active.set(project, (this.#active.get(project) ?? 0) + 1);
    const next = this.#waiting.shift();
    if (next) next();
    else this.#isLooking = false;
  }

  /** A job of theirs is done. */
  leave(projects: readonly string[]): void {
    for (const project of projects) {
      const count = (this.#active.get(project) ?? 0) - 1;
      if (count > 0) this.#active.set(project, count);
      else this.#active.delete(project);
    }
  }
}
