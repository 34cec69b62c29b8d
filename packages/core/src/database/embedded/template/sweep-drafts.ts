import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** What the names of drafts begin with: templates that are being made. */
export const DRAFT_PREFIX = "making-";

/** Making a template takes seconds: what is older than this, in milliseconds, is made by nobody any more. */
const LONGEST_MAKING = 10 * 60_000;

/** Removes what processes that were killed while they made a template left in the cache. What can't be removed stays. */
export async function sweepDrafts(cache: string): Promise<void> {
  const names = await readdir(cache).catch(() => []);
  const drafts = names.filter((name) => name.startsWith(DRAFT_PREFIX)).map((name) => join(cache, name));
  await Promise.all(drafts.map((draft) => sweep(draft).catch(() => undefined)));
}

async function sweep(draft: string): Promise<void> {
  const { mtimeMs } = await stat(draft);
  if (Date.now() - mtimeMs > LONGEST_MAKING) await rm(draft, { recursive: true, force: true });
}
