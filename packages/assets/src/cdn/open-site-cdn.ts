import { setTimeout as delay } from "node:timers/promises";
import type { TenantSite } from "../tenant-site.ts";
import { type Cdn, cdnUrl } from "./cdn.ts";
import { claimCdn } from "./cdn-lease.ts";
import { readCdnState } from "./cdn-rows.ts";
import type { CdnStanding, SiteCdn } from "./site-cdn.ts";
import { syncCdn } from "./sync-cdn.ts";

/** Longer than a process that has died holds others up. */
const PATIENCE_MS = 20_000;
const POLL_MS = 250;
/** Between attempts by itself, the last one again and again. */
const RETRY_MS = [2_000, 10_000, 60_000];

export function openSiteCdn(site: TenantSite, cdn: Cdn): SiteCdn {
  return new OpenSiteCdn(site, cdn);
}

class OpenSiteCdn implements SiteCdn {
  readonly #site: TenantSite;
  readonly #cdn: Cdn;
  readonly #closed = new AbortController();
  /** Revision that the bucket was found at. */
  #revision: string | undefined;
  #running: Promise<CdnStanding> | undefined;
  #next: Promise<CdnStanding> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #failures = 0;

  constructor(site: TenantSite, cdn: Cdn) {
    this.#site = site;
    this.#cdn = cdn;
  }

  /** What is under way may have read what was before the change: one more follows, for all who ask meanwhile. */
  async bringUpToDate(): Promise<CdnStanding> {
    if (this.#running === undefined) return this.#start();
    return (this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.#start();
    }));
  }

  noticed(revision: string): void {
    if (revision === this.#revision || this.#running !== undefined || this.#retry !== undefined) return;
    this.#start().catch(() => undefined);
  }

  url(file: string): string {
    return cdnUrl(this.#cdn, this.#site.tenant.ref, file);
  }

  dispose(): void {
    this.#closed.abort();
    clearTimeout(this.#retry);
  }

  #start(): Promise<CdnStanding> {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    const running = this.#run().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #run(): Promise<CdnStanding> {
    try {
      const standing = await this.#sync();
      if (standing === "current") this.#failures = 0;
      else this.#retryLater();
      return standing;
    } catch {
      this.#retryLater();
      return "behind";
    }
  }

  async #sync(): Promise<CdnStanding> {
    for (const deadline = performance.now() + PATIENCE_MS; !this.#closed.signal.aborted; ) {
      if (await this.#isCurrent()) return "current";
      const lease = await claimCdn(this.#site);
      if (lease !== undefined) {
        try {
          await syncCdn({ site: this.#site, cdn: this.#cdn, lease: { ...lease, signal: AbortSignal.any([lease.signal, this.#closed.signal]) } });
        } finally {
          await lease.release();
        }
      } else if (performance.now() >= deadline) {
        return "behind";
      } else {
        await delay(POLL_MS);
      }
    }
    return "behind";
  }

  async #isCurrent(): Promise<boolean> {
    const [site] = await this.#site.query([{ sql: "select revision from assets.site", parameters: [] }]);
    const { target, revision } = await readCdnState(this.#site);
    const { uid, ref } = this.#site.tenant.project;
    if (revision === null || revision !== site!.rows[0]?.[0] || target !== JSON.stringify([this.#cdn.bucket.id, uid, ref])) return false;
    this.#revision = revision;
    return true;
  }

  #retryLater(): void {
    if (this.#closed.signal.aborted) return;
    this.#retry = setTimeout(() => this.#start(), RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)]!);
    this.#retry.unref();
  }
}
