import { BackendError, ByteCache, mountPathOf, type ObjectStore, PathTable, type Project, type RequestContext, reply, type Tenant, type TenantStateKey } from "@plinth/core";
import { type Cdn, emptyCdn } from "./cdn/cdn.ts";
import { openSiteCdn } from "./cdn/open-site-cdn.ts";
import type { AssetsOptions } from "./config/assets-options.ts";
import { deliver } from "./delivery/deliver.ts";
import type { SiteHosts } from "./delivery/site-hosts.ts";
import type { AssetsCall } from "./endpoint/assets-call.ts";
import { readJson } from "./endpoint/read-json.ts";
import { ENDPOINTS } from "./endpoints.ts";
import { ASSETS_ERRORS } from "./errors.ts";
import { adminPath, publicPath, refInPath } from "./public-path.ts";
import { createTenantAssets } from "./in-process/create-tenant-assets.ts";
import type { TenantAssets } from "./in-process/tenant-assets.ts";
import { prefixOf, type TenantSite, tenantSite } from "./tenant-site.ts";

const HELD = { maxBytes: 64 * 1_048_576, maxEach: 262_144 };

/** Of a JSON body that isn't a file. */
const MAX_BODY_BYTES = 65_536;

export interface AssetsServerOptions {
  readonly options: AssetsOptions;
  readonly store: ObjectStore;
  readonly hosts: SiteHosts;
  readonly cdn: Cdn | undefined;
}

/** Answers requests to Assets: what is loaded with the first of them, rather than at the start. */
export class AssetsServer {
  readonly #table = new PathTable(ENDPOINTS);
  readonly #stateKey: TenantStateKey<TenantSite>;
  readonly #hosts: SiteHosts;
  readonly #store: ObjectStore;
  readonly #cdn: Cdn | undefined;

  constructor({ options, store, hosts, cdn }: AssetsServerOptions) {
    this.#stateKey = tenantSite({ options, store, bytes: new ByteCache(HELD), openCdn: cdn && ((site) => openSiteCdn(site, cdn)) });
    this.#cdn = cdn;
    this.#hosts = hosts;
    this.#store = store;
  }

  /** Below `/assets`, at a host that the API has as well. */
  async handle(context: RequestContext): Promise<Response> {
    const file = publicPath(context.path);
    if (file !== undefined) return this.#deliverShared(context, file);
    const admin = adminPath(context.path);
    if (admin === undefined) throw new BackendError(ASSETS_ERRORS.routeNotFound);
    return this.#administer(context, admin);
  }

  /** At a host that is a site's alone. */
  async handleSite({ request, tenant, path, query, isOwnHost }: RequestContext): Promise<Response> {
    // A host that names nobody, so that the default project was taken.
    const isProjects = this.#hosts.has(request.url) ? this.#hosts.isProjects(request.url) : await isOwnHost();
    if (!isProjects) throw new BackendError(ASSETS_ERRORS.notFound);
    return deliver({ request, site: tenant.state(this.#stateKey), path, query, place: { base: mountPathOf(request), origin: "alone" }, ownOrigin: undefined });
  }

  operation(method: string, path: string): string {
    const admin = adminPath(path);
    if (admin === undefined) return publicPath(path) === undefined ? "assets" : "assets.deliver";
    const match = this.#table.find(method, admin);
    return "entry" in match ? match.entry.id : "assets";
  }

  inProcess(tenant: Tenant): TenantAssets {
    return createTenantAssets(tenant.state(this.#stateKey));
  }

  /** Deletes all bytes of a project's sites. */
  async discard(project: Pick<Project, "uid" | "ref">): Promise<void> {
    const keys: string[] = [];
    for await (const { key } of this.#store.list(prefixOf(project))) keys.push(key);
    for (let from = 0; from < keys.length; from += 1_000) await this.#store.delete(keys.slice(from, from + 1_000));
    if (this.#cdn !== undefined) await emptyCdn(this.#cdn, project);
  }

  async #deliverShared({ request, tenant, query, isOwnHost }: RequestContext, file: string): Promise<Response> {
    const named = `/${tenant.ref}`;
    // Without a key, whatever could be a ref has named the project: the one that it has now, or one that it had.
    const length = file === named || file.startsWith(`${named}/`) ? named.length : request.headers.has("apikey") ? 0 : refLength(file);
    const path = length > 0 && !(await isOwnHost()) ? file.slice(length) : file;
    const url = pathOf(request.url);
    // Without a slash, what the page names would be looked for beside it.
    if (path === "") return reply(null, { status: 301, headers: { location: `./${url.slice(url.lastIndexOf("/") + 1)}/${query === "" ? "" : `?${query}`}` } });
    const base = mountPathOf(request) + url.slice(0, url.length - path.length);
    return deliver({ request, site: tenant.state(this.#stateKey), path, query, place: { base, origin: "shared" }, ownOrigin: this.#hosts.originOf(tenant.ref, request.url) });
  }

  async #administer(context: RequestContext, path: string): Promise<Response> {
    const { request, tenant, caller } = context;
    const match = this.#table.find(request.method, path);
    if (!("entry" in match)) {
      if (match.allowed.length === 0) throw new BackendError(ASSETS_ERRORS.routeNotFound);
      throw new BackendError(ASSETS_ERRORS.methodNotAllowed, { message: "This endpoint doesn't know the method.", headers: { allow: match.allowed.join(", ") } });
    }
    if (caller.role !== tenant.project.roles.service) throw new BackendError(ASSETS_ERRORS.adminOnly);
    const site = tenant.state(this.#stateKey);
    if (!site.config.enabled) throw new BackendError(ASSETS_ERRORS.disabled);
    const { entry, params } = match;
    const call: AssetsCall = { request, context, params, site, publicUrl: async (file) => site.cdn?.url(encodePath(file)) ?? this.#publicUrl(context, encodePath(file)) };
    return entry.handle(call, entry.body === undefined ? undefined : await readJson(request, entry.body, MAX_BODY_BYTES));
  }

  async #publicUrl({ request, tenant, path, isOwnHost }: RequestContext, file: string): Promise<string> {
    const own = this.#hosts.originOf(tenant.ref, request.url);
    if (own !== undefined) return `${own}/${file}`;
    const url = pathOf(request.url);
    const prefix = mountPathOf(request) + url.slice(0, url.length - path.length);
    return `${new URL(request.url).origin}${prefix}/v1/${(await isOwnHost()) ? "" : `${tenant.ref}/`}${file}`;
  }
}

const encodePath = (file: string): string => file.split("/").map(encodeURIComponent).join("/");

/** Of "/acme" in "/acme/style.css". */
const refLength = (file: string): number => (refInPath(`/v1${file}`)?.length ?? -1) + 1;

/** As it was sent. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  return start < 0 ? "/" : url.slice(start).replace(/[?#].*$/s, "");
}
