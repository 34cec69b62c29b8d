import type { UploadedFile } from "../files/site-upload.ts";
import type { TenantSite } from "../tenant-site.ts";
import { collectGarbage } from "./collect-garbage.ts";
import { dropStaged } from "./drop-release.ts";
import { type Staged, stageFiles } from "./stage-files.ts";

const STAGE = "insert into assets.releases (label) values ($1) returning id";

/**
 * Uploads files aside, then has `publish` make them seen. Nothing is kept where either fails, nor of what no release names
 * any more.
 */
export async function withStagedRelease<T>(site: TenantSite, files: AsyncIterable<UploadedFile> | Iterable<UploadedFile>, label: string | undefined, publish: (releaseId: string, staged: Staged) => Promise<T>): Promise<T> {
  const [made] = await site.query([{ sql: STAGE, parameters: [label ?? null] }]);
  const id = made!.rows[0]![0]!;
  try {
    return await publish(id, await stageFiles(site, id, files));
  } catch (error) {
    // What can't be dropped now goes with a later release.
    await site.query(dropStaged(id)).catch(() => undefined);
    throw error;
  } finally {
    site.manifests.forget();
    await collectGarbage(site);
  }
}
