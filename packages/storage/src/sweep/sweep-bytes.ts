import type { StorageWork } from "../endpoint/storage-call.ts";
import { isKeyPart } from "../stores/object-key.ts";
import { isExported } from "../transfer/keep-for-exports.ts";
import { prefixOf } from "../tenant-storage.ts";
import { compare, type StoredVersion } from "./compare.ts";
import { BATCH, namedVersions, rowsNaming, withoutRow } from "./named-versions.ts";
import type { RowWithoutBytes, SweepReport } from "./sweep-report.ts";

export interface SweepBytesOptions {
  /** Bytes that were written since then are left alone. */
  readonly before: Date;
  readonly dryRun: boolean;
}

type BytesReport = Pick<SweepReport, "objects" | "size" | "bytesWithoutRow" | "young" | "rowsWithoutBytes">;

const EXAMPLES = 100;

/** Bytes looked for at once. */
const AHEAD = 16;

/**
 * Deletes bytes that no row names, and finds rows whose bytes are missing. What the one side has and the other hasn't is looked
 * for again before anything is made of it, since both change meanwhile: rows come after their bytes and go before them.
 */
export async function sweepBytes(work: StorageWork, { before, dryRun }: SweepBytesOptions): Promise<BytesReport> {
  const found = { objects: 0, size: 0, young: 0, count: 0, bytes: 0 };
  const missing: { count: number; examples: RowWithoutBytes[] } = { count: 0, examples: [] };
  const orphans = new Batch<StoredVersion>(async (batch) => {
    const deleted = await deleteOrphans(work, batch, dryRun);
    found.count += deleted.length;
    for (const { size } of deleted) found.bytes += size;
  });
  const absent = new Batch<string>(async (batch) => {
    const rows = await withoutBytes(work, batch);
    missing.count += rows.length;
    missing.examples.push(...rows.slice(0, EXAMPLES - missing.examples.length));
  });
  for await (const each of compare(storedVersions(work), namedVersions(work))) {
    work.signal?.throwIfAborted();
    if (each.kind === "row") {
      await absent.add(each.version);
      continue;
    }
    found.objects += 1;
    found.size += each.stored.size;
    if (each.kind === "both") continue;
    if (each.stored.lastModified >= before) found.young += 1;
    else await orphans.add(each.stored);
  }
  await orphans.settle();
  await absent.settle();
  return { objects: found.objects, size: found.size, bytesWithoutRow: { count: found.count, size: found.bytes }, young: found.young, rowsWithoutBytes: missing };
}

/** What lies deeper is others': images that were made of objects. */
async function* storedVersions({ storage, tenant }: StorageWork): AsyncGenerator<StoredVersion, void> {
  const prefix = prefixOf(tenant.project);
  for await (const { key, ...stored } of storage.store.list(prefix)) {
    const version = key.slice(prefix.length + 1);
    if (!version.includes("/")) yield { version, ...stored };
  }
}

/** @returns what no row names, deleted by now; nothing while the project is exported, which may need it */
async function deleteOrphans(work: StorageWork, batch: readonly StoredVersion[], dryRun: boolean): Promise<StoredVersion[]> {
  const { trash, store, keyOf } = work.storage;
  // Before the rows are asked for: what is under way now and no longer then has its row by then.
  const underWay = new Set(trash.underWay);
  const unnamed = await withoutRow(work, batch.map(({ version }) => version));
  const orphans = batch.filter(({ version }) => unnamed.has(version) && !underWay.has(version));
  if (orphans.length === 0 || (await isExported(work.tenant))) return [];
  if (!dryRun) await store.delete(orphans.map(({ version }) => keyOf(version)));
  return orphans;
}

/** @returns the rows that name a version which the store still hasn't */
async function withoutBytes(work: StorageWork, versions: readonly string[]): Promise<RowWithoutBytes[]> {
  const { store, keyOf } = work.storage;
  const absent: string[] = [];
  for (let from = 0; from < versions.length; from += AHEAD) {
    const some = versions.slice(from, from + AHEAD);
    const heads = await Promise.all(some.map((version) => (isKeyPart(version) ? store.head(keyOf(version)) : undefined)));
    absent.push(...some.filter((_, index) => heads[index] === undefined));
  }
  return absent.length === 0 ? [] : rowsNaming(work, absent);
}

/** Gathers what is looked at together. */
class Batch<T> {
  readonly #settle: (batch: readonly T[]) => Promise<void>;
  #batch: T[] = [];

  constructor(settle: (batch: readonly T[]) => Promise<void>) {
    this.#settle = settle;
  }

  async add(item: T): Promise<void> {
    this.#batch.push(item);
    if (this.#batch.length === BATCH) await this.settle();
  }

  async settle(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length > 0) await this.#settle(batch);
  }
}
