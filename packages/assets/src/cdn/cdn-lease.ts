import { randomUUID } from "node:crypto";
import type { Statement } from "@plinth/core";
import type { TenantSite } from "../tenant-site.ts";

/** Whoever has died holds others up for as long. In seconds. */
const LEASE = 15;
const RENEW_MS = 4_000;

/** One process at a time brings a project's bucket up to date. */
export interface CdnLease {
  readonly worker: string;
  /** Fires when the lease is lost: another may be at work. */
  readonly signal: AbortSignal;
  release(): Promise<void>;
}

const CLAIM = `update assets.cdn set worker = $1, worked_until = now() + interval '${LEASE} seconds' where worker is null or worker = $1 or worked_until < now() returning true`;
const RELEASE = "update assets.cdn set worker = null, worked_until = null where worker = $1";

/** Undefined while another has it. */
export async function claimCdn(site: Pick<TenantSite, "query">): Promise<CdnLease | undefined> {
  const worker = randomUUID();
  const claim: Statement = { sql: CLAIM, parameters: [worker] };
  const [claimed] = await site.query([claim]);
  if (claimed!.rows.length === 0) return undefined;
  const lost = new AbortController();
  let until = performance.now() + LEASE * 1_000;
  const renew = async (): Promise<void> => {
    const begun = performance.now();
    const [renewed] = await site.query([claim]);
    if (renewed!.rows.length > 0) until = begun + LEASE * 1_000;
    else lost.abort(new Error("Another process is at work on the bucket."));
  };
  const timer = setInterval(() => {
    if (performance.now() >= until) lost.abort(new Error("The lease of the bucket couldn't be renewed."));
    else renew().catch(() => undefined);
  }, RENEW_MS);
  timer.unref();
  const release = async (): Promise<void> => {
    clearInterval(timer);
    await site.query([{ sql: RELEASE, parameters: [worker] }]).catch(() => undefined);
  };
  return { worker, signal: lost.signal, release };
}
