import { BackendError } from "@plinth/core";
import { z } from "zod";
import { plainText } from "../config/assets-options.ts";
import { type AssetsCall, defineEndpoint } from "../endpoint/assets-call.ts";
import { readJson } from "../endpoint/read-json.ts";
import { json } from "../endpoint/respond.ts";
import { ASSETS_ERRORS } from "../errors.ts";
import { bytesOf, fileBody } from "../files/file-body.ts";
import { requestContent } from "../files/request-content.ts";
import { publishRelease, type PublishedRelease } from "./publish-release.ts";
import { deleteRelease, getRelease, listReleases, rollBack } from "./roll-back.ts";

export const listReleasesEndpoint = defineEndpoint({
  id: "assets.releases.list",
  method: "GET",
  path: "/releases",
  handle: async ({ site }) => json({ releases: await listReleases(site) }),
});

export const getReleaseEndpoint = defineEndpoint({
  id: "assets.releases.get",
  method: "GET",
  path: "/releases/:id",
  handle: async ({ site, params }) => json(await getRelease(site, params["id"]!)),
});

/** Of a release in JSON, in bytes; larger ones come as archives. */
const MAX_JSON_BYTES = 48 * 1_048_576;

const releaseLabel = plainText.max(200);

const manyFiles = z.strictObject({ label: releaseLabel.optional(), files: z.array(z.strictObject({ path: z.string(), ...fileBody })) });

/** An archive, or JSON with many files. */
export const publishEndpoint = defineEndpoint({
  id: "assets.releases.publish",
  method: "POST",
  path: "/releases",
  handle: async (call) => {
    const release = call.request.headers.get("content-type")?.toLowerCase().startsWith("application/json") ? await publishFiles(call) : await publishArchive(call);
    return json({ ...release, url: await call.publicUrl("") }, 201);
  },
});

async function publishFiles({ request, site }: AssetsCall): Promise<PublishedRelease> {
  const { label, files } = await readJson(request, manyFiles, MAX_JSON_BYTES);
  return publishRelease(site, files.map(({ content, encoding, ...file }) => ({ ...file, content: bytesOf(content, encoding) })), { label });
}

async function publishArchive({ request, context, site }: AssetsCall): Promise<PublishedRelease> {
  const { readArchive } = await import("../archive/read-archive.ts");
  const { maxFiles, maxReleaseBytes } = site.config;
  const label = releaseLabel.optional().safeParse(new URLSearchParams(context.query).get("label") ?? undefined);
  if (!label.success) throw new BackendError(ASSETS_ERRORS.invalidRequest, { message: `query/label: ${label.error.issues[0]?.message}` });
  return publishRelease(site, readArchive(requestContent(request), { maxFiles, maxBytes: maxReleaseBytes }), { label: label.data });
}

export const rollBackEndpoint = defineEndpoint({
  id: "assets.releases.rollback",
  method: "POST",
  path: "/rollback",
  body: z.strictObject({ release: z.string().optional() }),
  handle: async ({ site }, { release }) => json(await rollBack(site, release)),
});

export const deleteReleaseEndpoint = defineEndpoint({
  id: "assets.releases.delete",
  method: "DELETE",
  path: "/releases/:id",
  handle: async ({ site, params }) => {
    const id = params["id"];
    if (id === undefined) throw new BackendError(ASSETS_ERRORS.releaseNotFound);
    await deleteRelease(site, id);
    return json({ id });
  },
});
