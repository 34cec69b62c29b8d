import type { ObjectStore, RequestContext, Service, Tenant } from "@plinth/core";
import type { Cdn } from "./cdn/cdn.ts";
import type { AssetsServer } from "./assets-server.ts";
import { readAssetsConfig } from "./config/read-assets-config.ts";
import type { AssetsOptions } from "./config/assets-options.ts";
import { ASSETS_SETUP } from "./database/assets-setup.ts";
import { SiteHosts } from "./delivery/site-hosts.ts";
import { renderError } from "./endpoint/render-error.ts";
import type { TenantAssets } from "./in-process/tenant-assets.ts";
import { assetsFiles } from "./transfer/assets-files.ts";
import { adminPath, publicPath, refInPath } from "./public-path.ts";

export interface AssetsServiceOptions {
  /** For every project; a project's own `settings.assets` go before them. */
  readonly options: AssetsOptions;
  /** Where the bytes of all projects are: asked for with the first request. Whoever gives it closes it. */
  readonly store: () => Promise<ObjectStore>;
  /** Domain whose labels are refs of projects, for their sites alone: normalised. Undefined: sites have no hosts of their own. */
  readonly hosts?: string | undefined;
  /** A bucket that a CDN reads from. Undefined: files are sent by the backend alone. */
  readonly cdn?: Cdn | undefined;
}

export interface AssetsService extends Service {
  /** Answers at the hosts that sites have to themselves: goes before all other services. */
  readonly sites: Service;
  /** What host code does with a project's site. */
  inProcess(tenant: Tenant): TenantAssets;
}

/** Sites at `/assets/v1` and at hosts of their own, and their administration at `/assets/admin/v1`. @throws BackendError PLINTH_CONFIG_INVALID */
export function createAssetsService({ options, store, hosts: base, cdn }: AssetsServiceOptions): AssetsService {
  readAssetsConfig(options);
  const hosts = new SiteHosts(base);
  let server: AssetsServer | undefined;
  let loading: Promise<AssetsServer> | undefined;
  const start = async (): Promise<AssetsServer> => {
    const [module, opened] = await Promise.all([import("./assets-server.ts"), store()]);
    return (server = new module.AssetsServer({ options, store: opened, hosts, cdn }));
  };
  const load = (): Promise<AssetsServer> => {
    loading ??= start();
    // Another request tries again.
    loading.catch(() => (loading = undefined));
    return loading;
  };
  const serving = async (): Promise<AssetsServer> => server ?? load();
  const sites: Service = {
    name: "sites",
    prefix: "",
    takesHost: (url, isSites) => isSites || hosts.has(url),
    isOpen: () => true,
    handle: async (context: RequestContext) => (server ?? (await load())).handleSite(context),
    operation: () => "assets.deliver",
    renderError,
  };
  return {
    name: "assets",
    prefix: "/assets",
    databaseSetup: ASSETS_SETUP,
    isOpen: (path) => publicPath(path) !== undefined,
    refInPath,
    handle: async (context: RequestContext) => (server ?? (await load())).handle(context),
    operation: (method, path) => server?.operation(method, path) ?? (adminPath(path) === undefined ? "assets.deliver" : "assets"),
    checkSettings: (settings) => void readAssetsConfig(options, settings),
    files: assetsFiles(store),
    discard: async (project) => (await serving()).discard(project),
    renderError,
    sites,
    close: async () => cdn?.bucket.close?.(),
    inProcess: (tenant) => lazily(async () => (await serving()).inProcess(tenant)),
  };
}

/** Loads what does the work when it is first asked to. */
const lazily = (load: () => Promise<TenantAssets>): TenantAssets => ({
  publish: async (source, options) => (await load()).publish(source, options),
  rollback: async (release) => (await load()).rollback(release),
  releases: async () => (await load()).releases(),
  sweep: async () => (await load()).sweep(),
});
