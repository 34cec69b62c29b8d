import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { KeyedMutex } from "../../metadata/keyed-mutex.ts";

/** A running embedded database. */
export interface EmbeddedDatabaseHandle {
  readonly clientConfig: pg.ClientConfig;
  /** Ends what the client is running. */
  cancel(client: pg.ClientBase): void | Promise<void>;
  close(): Promise<void>;
}

/** Opens the database kept in `directory`, making it if there is none; undefined: one in memory, fresh. */
export type EmbeddedOpener = (directory: string | undefined) => Promise<EmbeddedDatabaseHandle>;

export interface EmbeddedLease {
  readonly config: pg.ClientConfig;
  cancel(client: pg.ClientBase): Promise<void>;
  /** Idempotent. The connections made with `config` are to be closed before. */
  release(): Promise<void>;
}

export interface EmbeddedInstancesOptions {
  readonly open: EmbeddedOpener;
  /** Parent of the databases' directories. Undefined: in memory, each until it is discarded or all is closed. */
  readonly directory: string | undefined;
  /** How long an instance that nobody holds stays open, in milliseconds. Default: 2,000. */
  readonly idleMs?: number;
  /** How many of those may be open: each has some 70 MB of memory. Work on many, one after another, would have them all. Default: 4. */
  readonly maxIdle?: number;
}

interface Instance {
  readonly handle: EmbeddedDatabaseHandle;
  leases: number;
  /** Made by `prepare`, and nobody has been given it. */
  untouched: boolean;
  idle: NodeJS.Timeout | undefined;
  /** As `performance.now()` has it. */
  idleSince: number;
}

/**
 * The embedded databases open in this process. One directory takes one instance, which requests, migrations and
 * provisioning share: it opens with the first lease and closes some time after the last.
 */
export class EmbeddedInstances {
  readonly #options: EmbeddedInstancesOptions;
  readonly #open = new Map<string, Instance>();
  /** Opening, closing and discarding one and the same instance take turns. */
  readonly #turns = new KeyedMutex();

  constructor(options: EmbeddedInstancesOptions) {
    this.#options = options;
  }

  /** Instances that are open. */
  get size(): number {
    return this.#open.size;
  }

  /** @throws BackendError PLINTH_DIRECTORY_LOCKED where another process has the directory open */
  async acquire(name: string): Promise<EmbeddedLease> {
    const instance = await this.#turns.run(name, async () => {
      const opened = this.#open.get(name) ?? (await this.#openNew(name));
      opened.untouched = false;
      return hold(opened);
    });
    return this.#lease(name, instance);
  }

  /**
   * Opens a database, or makes it, before it is known whether it will be asked for: to be released once that is.
   * Undefined where it can't be opened; why, `acquire` tells.
   */
  async prepare(name: string): Promise<EmbeddedLease | undefined> {
    const instance = this.#turns.run(name, async () => hold(this.#open.get(name) ?? (await this.#openNew(name))));
    return instance.then(
      (held) => this.#lease(name, held),
      () => undefined,
    );
  }

  /** Whatever the database had in it is gone after this; one that was only prepared is as good as new. */
  async renew(name: string): Promise<void> {
    await this.#turns.run(name, async () => (this.#open.get(name)?.untouched ? undefined : this.#discard(name)));
  }

  async #discard(name: string): Promise<void> {
    await this.#close(name);
    const directory = this.#directoryOf(name);
    if (directory !== undefined) await remove(directory);
  }

  async #openNew(name: string): Promise<Instance> {
    const directory = this.#directoryOf(name);
    const untouched = directory === undefined || !existsSync(directory);
    const opened: Instance = { handle: await this.#options.open(directory), leases: 0, idle: undefined, idleSince: 0, untouched };
    this.#open.set(name, opened);
    return opened;
  }

  #lease(name: string, instance: Instance): EmbeddedLease {
    let held = true;
    const release = async (): Promise<void> => {
      if (!held) return;
      held = false;
      instance.leases--;
      this.#closeWhenIdle(name, instance);
      await this.#closeSurplus();
    };
    return { config: instance.handle.clientConfig, cancel: async (client) => instance.handle.cancel(client), release };
  }

  /** Closes the database, leases or not, and deletes it. */
  async discard(name: string): Promise<void> {
    await this.#turns.run(name, () => this.#discard(name));
  }

  /** Removes what a crash has left of databases that were being removed. */
  async removeLeftovers(): Promise<void> {
    const { directory } = this.#options;
    if (directory === undefined || !existsSync(directory)) return;
    const doomed = (await readdir(directory)).filter((name) => DOOMED_DIRECTORY.test(name));
    await Promise.all(doomed.map((name) => rm(join(directory, name), { recursive: true, force: true })));
  }

  /** Closes all of them, leases or not. */
  async close(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((name) => this.#turns.run(name, () => this.#close(name))));
  }

  #closeWhenIdle(name: string, instance: Instance): void {
    const idle = (): boolean => instance.leases === 0 && this.#open.get(name) === instance;
    if (this.#options.directory === undefined || !idle()) return;
    clearTimeout(instance.idle);
    instance.idleSince = performance.now();
    const close = (): Promise<void> => this.#turns.run(name, async () => (idle() ? this.#close(name) : undefined));
    // A failure to close shows when the directory is opened next.
    instance.idle = setTimeout(() => close().catch(() => undefined), this.#options.idleMs ?? 2_000).unref();
  }

  /** Those that have been idle for longest; whoever gives back one more waits for it, and so does not get ahead. */
  async #closeSurplus(): Promise<void> {
    if (this.#options.directory === undefined) return;
    const idle = [...this.#open].filter(([, { leases }]) => leases === 0).toSorted(([, a], [, b]) => a.idleSince - b.idleSince);
    const surplus = idle.slice(0, Math.max(idle.length - (this.#options.maxIdle ?? 4), 0));
    const close = async (name: string, instance: Instance): Promise<void> => (instance.leases === 0 && this.#open.get(name) === instance ? this.#close(name) : undefined);
    await Promise.allSettled(surplus.map(([name, instance]) => this.#turns.run(name, () => close(name, instance))));
  }

  async #close(name: string): Promise<void> {
    const instance = this.#open.get(name);
    if (!instance) return;
    clearTimeout(instance.idle);
    this.#open.delete(name);
    await instance.handle.close();
  }

  #directoryOf(name: string): string | undefined {
    return this.#options.directory === undefined ? undefined : join(this.#options.directory, name);
  }
}

function hold(instance: Instance): Instance {
  clearTimeout(instance.idle);
  instance.leases++;
  return instance;
}

/** What a database's directory is called while it is removed. */
export const DOOMED_DIRECTORY = /\.deleted-[0-9a-f]{8}$/;

/** Renamed first: a crash in the midst of the removal must not leave half a database under its name. */
async function remove(directory: string): Promise<void> {
  const doomed = `${directory}.deleted-${randomBytes(4).toString("hex")}`;
  try {
    await rename(directory, doomed);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  await rm(doomed, { recursive: true, force: true });
}
