import { BackendError, type ByteCache, type Ending, type ObjectKey, type ObjectStore, type RawResult, type Scope, type Statement, type Tenant, type TenantStateKey } from "@plinth/core";
import type { SiteCdn } from "./cdn/site-cdn.ts";
import type { AssetsConfig, AssetsOptions } from "./config/assets-options.ts";
import { readAssetsConfig } from "./config/read-assets-config.ts";
import { ManifestCache } from "./delivery/manifest-cache.ts";
import type { Encoding } from "./delivery/encoding.ts";
import { ASSETS_ERRORS } from "./errors.ts";

/** What the service keeps for an open project. */
export interface TenantSite {
  readonly tenant: Tenant;
  readonly config: AssetsConfig;
  readonly store: ObjectStore;
  /** Of all projects. */
  readonly bytes: ByteCache;
  readonly manifests: ManifestCache;
  /** Undefined where there is none. */
  readonly cdn: SiteCdn | undefined;
  /** Where bytes are. @param blob see `blobName` */
  keyOf(blob: string, encoding?: Encoding): ObjectKey;
  /** Statements of one transaction, as the service role. @throws BackendError PLINTH_ASSETS_NOT_SET_UP */
  query(statements: readonly Statement[], ending?: Ending): Promise<readonly RawResult[]>;
  /** As whom everything is done in the database. */
  readonly scope: Scope;
  dispose(): void;
}

/** What all projects share. */
export interface SharedParts {
  readonly options: AssetsOptions;
  readonly store: ObjectStore;
  readonly bytes: ByteCache;
  /** Undefined: files are sent by the backend alone. */
  readonly openCdn: ((site: TenantSite) => SiteCdn) | undefined;
}

export function tenantSite(shared: SharedParts): TenantStateKey<TenantSite> {
  return { name: "assets", create: (tenant) => open(tenant, shared), dispose: (site) => site.dispose() };
}

/** All bytes of a project's sites are below it, apart from those of Storage. */
export const prefixOf = ({ uid }: { readonly uid: string }): ObjectKey => `${uid}/assets`;

/** What bytes are called in the store: their hash, and the release that has stored them. */
export const blobName = (hash: string, storedBy: string | null | undefined): string => (storedBy == null ? hash : `${hash}-${storedBy}`);

function open(tenant: Tenant, { options, store, bytes, openCdn }: SharedParts): TenantSite {
  const { service } = tenant.project.roles;
  const scope: Scope = { role: service, claims: { role: service } };
  const prefix = prefixOf(tenant.project);
  const site: TenantSite & { cdn: SiteCdn | undefined } = {
    tenant,
    config: readAssetsConfig(options, tenant.project.settings["assets"]),
    store,
    bytes,
    manifests: new ManifestCache(tenant),
    keyOf: (blob, encoding) => `${prefix}/${blob}${encoding === undefined ? "" : `-${encoding}`}`,
    query: (statements, ending) => run(tenant, scope, statements, ending),
    scope,
    cdn: undefined,
    dispose: () => {
      site.manifests.dispose();
      site.cdn?.dispose();
    },
  };
  site.cdn = openCdn?.(site);
  return site;
}

async function run(tenant: Tenant, scope: Scope, statements: readonly Statement[], ending?: Ending): Promise<readonly RawResult[]> {
  try {
    return await tenant.execute(scope, statements, ending);
  } catch (error) {
    // There is no such table or schema.
    if (["42P01", "3F000"].includes((error as { code?: string }).code ?? "")) throw new BackendError(ASSETS_ERRORS.noTables, { cause: error });
    throw error;
  }
}
