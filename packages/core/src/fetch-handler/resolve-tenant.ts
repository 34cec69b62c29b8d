import type { HostProjects } from "../domains/host-projects.ts";
import type { HostName } from "../domains/name-lookup.ts";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import { bearerToken } from "../keys/bearer-token.ts";
import { looksLikeApiKey } from "../keys/api-key-form.ts";
import { createRefReader } from "../keys/unverified-ref.ts";
import type { UnservedKeys } from "../projects/keys/unserved-keys.ts";
import { nobodysKeys } from "../projects/keys/record-keys.ts";
import { isProjectRef } from "../projects/project-ref.ts";
import type { OpenTenant, TenantRegistry } from "../tenant/tenant-registry.ts";
import { refuseStrangers, type Shown } from "./refuse-strangers.ts";

export interface TenantResolverOptions {
  readonly tenants: TenantRegistry;
  /** Which projects hosts name. Undefined: none. */
  readonly hosts?: HostProjects | undefined;
  /** The project that requests are for when they name none. */
  readonly defaultRef: string | undefined;
  readonly unservedKeys?: UnservedKeys | undefined;
}

/**
 * Which project a request is for: the one its key names (verified later, with that project's own secrets), or its service
 * reads from it, else the one its host names, else the one its path names, else the one its Bearer token names, else the default one. A promise only where something has to be
 * opened or looked up.
 *
 * @throws BackendError PLINTH_TENANT_NOT_NAMED; PLINTH_PROJECT_MISMATCH where key and host name different ones; why the
 * project is not served, or what `authenticate` throws where the key that is shown doesn't hold; or the promise rejects with it
 */
export type TenantResolver = (request: Request, asked: Asked) => OpenTenant | Promise<OpenTenant>;

/** What a request says of itself. */
export interface Asked {
  /** See `shownKey`. */
  readonly apikey: string | null;
  /** Nothing has to be shown where it leads. */
  readonly isOpen: boolean;
  /** The project that the service reads from it, unverified. */
  readonly named?: string | undefined;
  /** The project that the path names, unverified: counts where neither a key nor the host names one. */
  readonly inPath?: string | undefined;
}

export function createTenantResolver({ tenants, hosts, defaultRef, unservedKeys = async () => nobodysKeys(true) }: TenantResolverOptions): TenantResolver {
  const refOf = createRefReader();
  const open = (ref: string | undefined, shown: Shown): OpenTenant | Promise<OpenTenant> => {
    if (!ref) return refuseUnnamed(shown, unservedKeys);
    // Nobody has vouched for it yet: not even a lookup is made for just any text.
    if (!isProjectRef(ref)) return refuseStrangers(new BackendError(CORE_ERRORS.projectNotFound), ref, shown, unservedKeys);
    return tenants.peek(ref) ?? tenants.get(ref).catch((error: unknown) => refuseStrangers(error, ref, shown, unservedKeys));
  };
  return (request, { apikey, isOpen, named, inPath }) => {
    const shown = { request, apikey, isOpen };
    const keyRef = (apikey && refOf(apikey)) || named;
    const name = hosts?.nameOf(request.url);
    if (hosts === undefined || name === undefined) return open(keyRef ?? inPath ?? bearerRef(request, refOf) ?? defaultRef, shown);
    if (keyRef !== undefined) return openConfirmed(open(keyRef, shown), keyRef, hosts, name);
    if (name.kind === "ref") return tenants.peek(name.name) ?? namedByHost(hosts, name).then((ref) => open(ref ?? UNKNOWN, shown));
    return namedByHost(hosts, name).then((ref) => open(ref ?? inPath ?? bearerRef(request, refOf) ?? defaultRef, shown));
  };
}

/** An opaque key names its project, unless it is none. Any other key may be right and name none. */
function refuseUnnamed(shown: Shown, unservedKeys: UnservedKeys): Promise<never> {
  const unnamed = new BackendError(CORE_ERRORS.tenantNotNamed);
  if (shown.apikey !== null && looksLikeApiKey(shown.apikey)) return refuseStrangers(unnamed, UNKNOWN, shown, unservedKeys);
  throw unnamed;
}

/** No project's ref: a label that names nobody is for nobody, rather than for the default project. */
const UNKNOWN = "-";

/** A key of no project is held against the host as well, so that the answer doesn't tell which refs there are. */
function openConfirmed(opening: OpenTenant | Promise<OpenTenant>, keyRef: string, hosts: HostProjects, name: HostName): OpenTenant | Promise<OpenTenant> {
  const confirmOpen = (open: OpenTenant): OpenTenant | Promise<OpenTenant> => {
    const confirming = confirm(open.tenant.ref, hosts, name);
    return confirming instanceof Promise ? confirming.then(() => open) : open;
  };
  if (!(opening instanceof Promise)) return confirmOpen(opening);
  return opening.then(confirmOpen, async (error: unknown) => {
    await confirm(keyRef, hosts, name);
    throw error;
  });
}

/** The host must not name another project than the key does. What it names besides is looked up only where that differs. */
function confirm(ref: string, hosts: HostProjects, name: HostName): undefined | Promise<void> {
  if (name.kind === "ref" && name.name === ref) return undefined;
  const found = hosts.refOf(name);
  if (found instanceof Promise) return confirmLater(ref, name, found);
  confirmed(ref, name, found);
  return undefined;
}

async function confirmLater(ref: string, name: HostName, finding: Promise<string | undefined>): Promise<void> {
  // Where the metadata is away, who has a project's key gets at that project all the same, and at no other.
  const found = name.kind === "domain" ? await finding.catch(() => undefined) : await finding;
  confirmed(ref, name, found);
}

/** A label below the base domain that is nobody's is refused as another's is: it tells nobody which refs there are. */
function confirmed(ref: string, name: HostName, hostRef: string | undefined): void {
  if (hostRef === ref || (hostRef === undefined && name.kind === "domain")) return;
  throw new BackendError(CORE_ERRORS.projectMismatch);
}

/** @throws BackendError PLINTH_DATABASE_UNAVAILABLE where the metadata can't be asked */
async function namedByHost(hosts: HostProjects, name: HostName): Promise<string | undefined> {
  try {
    return await hosts.refOf(name);
  } catch (cause) {
    if (cause instanceof BackendError) throw cause;
    throw new BackendError(CORE_ERRORS.databaseUnavailable, { cause, headers: { "Retry-After": "1" } });
  }
}

function bearerRef(request: Request, refOf: (token: string) => string | undefined): string | undefined {
  const token = bearerToken(request);
  return token === undefined ? undefined : refOf(token) || undefined;
}
