import { BackendError, reply } from "@plinth/core";
import { ASSETS_ERRORS } from "../errors.ts";
import { locationOf } from "../rules/redirects.ts";
import type { TenantSite } from "../tenant-site.ts";
import { isHtml } from "./content-type.ts";
import { loadManifest } from "./load-manifest.ts";
import type { Manifest } from "./manifest.ts";
import type { Place } from "./origin.ts";
import { type Resolution, resolvePath } from "./resolve-path.ts";
import { sendFile } from "./send-file.ts";

/** What is asked of a site. */
export interface Delivery {
  readonly request: Request;
  readonly site: TenantSite;
  /** Within the site, percent-encoded as sent, beginning with "/". */
  readonly path: string;
  readonly query: string;
  readonly place: Place;
  /** Where HTML goes that isn't to be on this origin: the origin of the site's own host. */
  readonly ownOrigin: string | undefined;
}

/** @throws BackendError PLINTH_ASSETS_NOT_FOUND, PLINTH_ASSETS_METHOD_NOT_ALLOWED */
export async function deliver(delivery: Delivery): Promise<Response> {
  const { request, site } = delivery;
  if (request.method !== "GET" && request.method !== "HEAD") throw new BackendError(ASSETS_ERRORS.methodNotAllowed, { headers: { allow: "GET, HEAD" } });
  if (!site.config.enabled) throw new BackendError(ASSETS_ERRORS.disabled);
  const path = decodePath(delivery.path);
  const load = async (before: Manifest | undefined): Promise<Manifest> => {
    const loaded = await loadManifest(site, before);
    site.cdn?.noticed(loaded.revision);
    return loaded;
  };
  const manifest = site.manifests.peek() ?? (await site.manifests.get(load));
  const answer = await answerFor(delivery, resolvePath(manifest, path, isPage(request)));
  if (answer !== undefined) return answer;
  // The file went while this was on its way.
  site.manifests.forget();
  const now = resolvePath(await site.manifests.get(load), path, isPage(request));
  const again = await answerFor(delivery, now);
  if (again === undefined) throw new BackendError(ASSETS_ERRORS.notFound);
  return again;
}

/** Browsers name HTML where they go to a page; scripts, styles and pictures are asked for without it. */
const isPage = (request: Request): boolean => request.headers.get("accept")?.includes("text/html") ?? false;

function decodePath(path: string): string {
  const raw = path.slice(1);
  if (!raw.includes("%")) return raw;
  try {
    return decodeURIComponent(raw).normalize("NFC");
  } catch {
    throw new BackendError(ASSETS_ERRORS.notFound);
  }
}

/** @returns undefined where the bytes are gone */
async function answerFor(delivery: Delivery, found: Resolution): Promise<Response | undefined> {
  const { request, site, place, query } = delivery;
  if (found.kind === "nothing") throw new BackendError(ASSETS_ERRORS.notFound, found.variesByAccept ? { headers: { vary: "Accept" } } : {});
  if (found.kind === "slash") return redirect(301, withQuery(slashed(delivery, found.to), query));
  if (found.kind === "redirect") return redirect(found.redirect.status, locationOf(found.redirect, found.captures, place.base, query));
  const elsewhere = site.config.htmlOnSharedOrigin === "sandbox" && place.origin === "shared" && isHtml(found.file.type) ? delivery.ownOrigin : undefined;
  if (elsewhere !== undefined) return redirect(302, withQuery(elsewhere + delivery.path.replace(/^\/+/, "/"), query));
  return sendFile(request, site, { ...found, place });
}

/** A slash that was sent encoded is none to clients: what is relative would lead elsewhere. */
function slashed({ path, place }: Delivery, to: string): string {
  if (!/%2f/i.test(path)) return to;
  const whole = decodePath(path).split("/").map(encodeURIComponent).join("/");
  return `${place.base}/${to.endsWith("/") ? `${whole}/` : whole.slice(0, -1)}`;
}

const withQuery = (location: string, query: string): string => (query === "" ? location : `${location}?${query}`);

const redirect = (status: number, location: string): Response => reply(null, { status, headers: { location, "cache-control": status === 301 || status === 308 ? "public, max-age=3600" : "no-store" } });
