/** Whether a backend can do its work. */
export interface Health {
  /** `ok`: it answers requests. `unavailable`: its metadata can't be reached, so that no project can be opened. */
  readonly status: "ok" | "unavailable" | "closing";
  /** ISO 8601: when the metadata was last asked; undefined where it is in this process. */
  readonly checkedAt: string | undefined;
}

export interface ReadinessOptions {
  /** Rejects where the metadata can't be reached. Undefined where it is in this process, and needn't be asked. */
  readonly check: (() => Promise<void>) | undefined;
  readonly isClosing: () => boolean;
  /** How long an answer holds, in milliseconds. Default: 1,000. */
  readonly holdsMs?: number;
  /** How long the metadata may take to answer, in milliseconds. Default: 2,000. */
  readonly timeoutMs?: number;
}

/** Tells whether the backend is ready; asks the metadata once a second at most, however many want to know. */
export class Readiness {
  readonly #options: ReadinessOptions;
  #last: { readonly at: number; readonly health: Promise<Health> } | undefined;

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  async health(): Promise<Health> {
    const { check, isClosing, holdsMs = 1_000 } = this.#options;
    if (isClosing()) return { status: "closing", checkedAt: undefined };
    if (check === undefined) return { status: "ok", checkedAt: undefined };
    const now = performance.now();
    if (this.#last === undefined || now - this.#last.at >= holdsMs) this.#last = { at: now, health: this.#ask(check) };
    return this.#last.health;
  }

  async #ask(check: () => Promise<void>): Promise<Health> {
    const checkedAt = new Date().toISOString();
    const status = await within(check(), this.#options.timeoutMs ?? 2_000).then(
      () => "ok" as const,
      () => "unavailable" as const,
    );
    return { status, checkedAt };
  }
}

async function within(work: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${timeoutMs} ms.`)), timeoutMs).unref();
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
