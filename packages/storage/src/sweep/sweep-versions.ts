import type { StorageWork } from "../endpoint/storage-call.ts";
import { type NamesCursor, toTrimmedPage, trimNamesAfter } from "../versions/trim-versions.ts";

/** Names that are trimmed at once, of up to a thousand versions each. */
const NAMES = 100;

/** Trims every object's earlier versions to what its bucket keeps. @returns how many went, with their bytes */
export async function sweepVersions(work: StorageWork, dryRun: boolean): Promise<number> {
  if (work.tenant.project.adopted) return 0;
  let count = 0;
  for (let after: NamesCursor | undefined = ["", ""]; after !== undefined; ) {
    work.signal?.throwIfAborted();
    const [result] = await work.query("service", [trimNamesAfter(after, NAMES)], { rollback: dryRun });
    const { trimmed, next } = toTrimmedPage(result!);
    count += trimmed.length;
    if (!dryRun) work.storage.trash.add(trimmed.map(({ version }) => version));
    after = next;
  }
  await work.storage.trash.empty();
  return count;
}
