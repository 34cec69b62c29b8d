import type { ChannelWatch, Tenant } from "@plinth/core";
import type { Manifest } from "./manifest.ts";

/** Notified by a trigger of the set-up whenever what is served was changed. */
const CHANNEL = "plinth_assets";

type Load = (before: Manifest | undefined) => Promise<Manifest>;

/**
 * What is served of a project, held as long as somebody hears of its changes. One at a time is loaded, however many ask.
 * Adopted databases have no trigger that tells: there each request asks for the revision.
 */
export class ManifestCache {
  readonly #watch: ChannelWatch | undefined;
  #manifest: Manifest | undefined;
  /** The epoch of the watch in which it was read; 0: it is to be looked at again. */
  #epoch = 0;
  #changes = 0;
  #loading: Promise<Manifest> | undefined;

  constructor(tenant: Pick<Tenant, "watch" | "project">) {
    this.#watch = tenant.project.adopted ? undefined : tenant.watch(CHANNEL, () => this.forget());
  }

  /** Undefined where the database has to be asked. */
  peek(): Manifest | undefined {
    return this.#epoch !== 0 && this.#watch?.epoch === this.#epoch ? this.#manifest : undefined;
  }

  async get(load: Load): Promise<Manifest> {
    return this.peek() ?? (this.#loading ??= this.#load(load));
  }

  /** After a change in this process: the notice of it may take a moment. */
  forget(): void {
    this.#changes++;
    this.#epoch = 0;
    // What is being loaded may be of before.
    this.#loading = undefined;
  }

  dispose(): void {
    this.#watch?.stop();
  }

  async #load(load: Load): Promise<Manifest> {
    const changes = this.#changes;
    try {
      // First, so that no change goes unnoticed after it was read.
      const { epoch } = (await this.#watch?.listen()) ?? { epoch: 0 };
      const manifest = await load(this.#manifest);
      if (changes === this.#changes) {
        this.#manifest = manifest;
        this.#epoch = epoch;
      }
      return manifest;
    } finally {
      if (changes === this.#changes) this.#loading = undefined;
    }
  }
}
