import type { Statement } from "@plinth/core";
import { loadManifest } from "../delivery/load-manifest.ts";
import type { TenantSite } from "../tenant-site.ts";
import { type Cdn, prefixIn } from "./cdn.ts";
import type { CdnLease } from "./cdn-lease.ts";
import { type CdnObject, cdnObjects } from "./cdn-objects.ts";
import { beginTarget, finishCdn, forgetCdnFiles, noteCdnFiles, readCdnFiles, readCdnState, readKeptFiles } from "./cdn-rows.ts";

/** Objects that are noted together, and of them, put at once. */
const BATCH = 32;
const PARALLEL = 4;

interface Sync {
  readonly site: TenantSite;
  readonly cdn: Cdn;
  readonly lease: CdnLease;
}

/**
 * Brings a project's bucket to what is served of its site: first what pages name, then pages, then what is no longer there
 * goes. There is a row for all that is in the bucket before it is, so that whoever comes after a crash goes on.
 * @throws the signal's reason where the lease is lost; what the bucket throws
 */
export async function syncCdn(sync: Sync): Promise<void> {
  await aim(sync);
  while (!(await syncOnce(sync)));
}

/** Where the bucket is another one, or the project has another ref, nothing is known of what is there. */
async function aim({ site, cdn, lease }: Sync): Promise<void> {
  const { uid, ref } = site.tenant.project;
  const target = JSON.stringify([cdn.bucket.id, uid, ref]);
  const { target: before } = await readCdnState(site);
  if (before === target) return;
  await leave({ site, cdn, lease }, before);
  await site.query(beginTarget(lease.worker, target));
  let found: { name: string; form: null }[] = [];
  const prefix = prefixIn(ref);
  for await (const name of cdn.bucket.list(prefix)) {
    found.push({ name: name.slice(prefix.length), form: null });
    if (found.length === 1_000) found = await noted(site, lease, found);
  }
  await noted(site, lease, found);
}

/** Takes away what lies below a ref that the project had, as long as that leads to nobody else. */
async function leave({ site, cdn, lease }: Sync, before: string | null): Promise<void> {
  const [id, uid, ref] = JSON.parse(before ?? "[]") as (string | undefined)[];
  if (ref === undefined || id !== cdn.bucket.id || uid !== site.tenant.project.uid || (await cdn.ownerOf(ref)) !== uid) return;
  const names = [...(await readCdnFiles(site)).keys()];
  if (names.length > 0) await cdn.bucket.delete(names.map((name) => prefixIn(ref) + name), lease.signal);
}

async function noted(site: TenantSite, { worker, signal }: CdnLease, files: ReadonlyArray<{ readonly name: string; readonly form: string | null }>): Promise<[]> {
  if (files.length === 0) return [];
  const [result] = await site.query([noteCdnFiles(worker, files)]);
  signal.throwIfAborted();
  if (result!.rows.length !== files.length) throw new Error("Another process is at work on the bucket.");
  return [];
}

/** @returns false where the site was changed meanwhile */
async function syncOnce(sync: Sync): Promise<boolean> {
  const { site, cdn, lease } = sync;
  const manifest = await loadManifest(site, undefined);
  const wanted = site.config.enabled ? cdnObjects(manifest.files, await readKeptFiles(site, manifest), cdn.encoding) : new Map<string, CdnObject>();
  const there = await readCdnFiles(site);
  const waiting = [...wanted.values()].filter(({ name, form }) => there.get(name) !== form);
  for (const turn of [0, 1, 2]) {
    if (!(await putAll(sync, waiting.filter((object) => object.turn === turn)))) return false;
  }
  const gone = [...there.keys()].filter((name) => !wanted.has(name));
  for (let from = 0; from < gone.length; from += 1_000) await remove(sync, gone.slice(from, from + 1_000));
  const finish: Statement = finishCdn(lease.worker, manifest.revision);
  const [finished] = await site.query([finish]);
  lease.signal.throwIfAborted();
  return finished!.rows.length > 0;
}

/** @returns false where bytes are gone, since the site was changed meanwhile */
async function putAll({ site, cdn, lease }: Sync, objects: readonly CdnObject[]): Promise<boolean> {
  for (let from = 0; from < objects.length; from += BATCH) {
    const batch = objects.slice(from, from + BATCH);
    await noted(site, lease, batch.map(({ name }) => ({ name, form: null })));
    const waiting = [...batch];
    const put: CdnObject[] = [];
    const work = async (): Promise<void> => {
      for (let object = waiting.shift(); object !== undefined; object = waiting.shift()) {
        const bytes = await site.bytes.read(site.store, site.keyOf(object.file.blob, object.encoding));
        if (bytes === undefined) return;
        await cdn.bucket.put(prefixIn(site.tenant.ref) + object.name, bytes, object.headers, lease.signal);
        put.push(object);
      }
    };
    const workers = await Promise.allSettled(Array.from({ length: PARALLEL }, work));
    await noted(site, lease, put.map(({ name, form }) => ({ name, form })));
    const failed = workers.find((worker) => worker.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    if (put.length < batch.length) return false;
  }
  return true;
}

/** Noted before, so that who comes after a crash deletes them again. */
async function remove({ site, cdn, lease }: Sync, names: readonly string[]): Promise<void> {
  await noted(site, lease, names.map((name) => ({ name, form: null })));
  await cdn.bucket.delete(names.map((name) => prefixIn(site.tenant.ref) + name), lease.signal);
  await site.query([forgetCdnFiles(lease.worker, names)]);
}
