import type { HostProjects } from "../domains/host-projects.ts";
import type { HostName } from "../domains/name-lookup.ts";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import { bearerToken } from "../keys/bearer-token.ts";
import { createRefReader } from "../keys/unverified-ref.ts";
import { isProjectRef } from "../projects/project-ref.ts";
import type { OpenTenant, TenantRegistry } from "../tenant/tenant-registry.ts";

export interface TenantResolverOptions {
  readonly tenants: TenantRegistry;
  /** Which projects hosts name. Undefined: none. */
  readonly hosts?: HostProjects | undefined;
  /** The project that requests are for when they name none. */
  readonly defaultRef: string | undefined;
}

/**
 * Which project a request is for: the one its key names (verified later, with that project's own secrets), else the one
 * its host names, else the one its Bearer token names, else the default one. A promise only where something has to be
 * opened or looked up.
 *
 * @throws BackendError PLINTH_TENANT_NOT_NAMED; PLINTH_PROJECT_NOT_FOUND, also for what can be no project's ref;
 * PLINTH_PROJECT_MISMATCH where key and host name different ones; or the promise rejects with it
 */
export type TenantResolver = (request: Request, apikey: string | null) => OpenTenant | Promise<OpenTenant>;

export function createTenantResolver({ tenants, hosts, defaultRef }: TenantResolverOptions): TenantResolver {
  const refOf = createRefReader();
  const open = (ref: string | undefined): OpenTenant | Promise<OpenTenant> => {
    if (!ref) throw new BackendError(CORE_ERRORS.tenantNotNamed);
    // Nobody has vouched for it yet: not even a lookup is made for just any text.
    if (!isProjectRef(ref)) throw new BackendError(CORE_ERRORS.projectNotFound);
    return tenants.peek(ref) ?? tenants.get(ref);
  };
  return (request, apikey) => {
    const keyRef = (apikey && refOf(apikey)) || undefined;
    const name = hosts?.nameOf(request.url);
    if (hosts === undefined || name === undefined) return open(keyRef ?? bearerRef(request, refOf) ?? defaultRef);
    if (keyRef !== undefined) return openConfirmed(open(keyRef), hosts, name);
    if (name.kind === "ref") return tenants.peek(name.name) ?? namedByHost(hosts, name).then((ref) => open(ref ?? UNKNOWN));
    return namedByHost(hosts, name).then((ref) => open(ref ?? bearerRef(request, refOf) ?? defaultRef));
  };
}

/** No project's ref: a label that names nobody is for nobody, rather than for the default project. */
const UNKNOWN = "-";

function openConfirmed(opening: OpenTenant | Promise<OpenTenant>, hosts: HostProjects, name: HostName): OpenTenant | Promise<OpenTenant> {
  if (opening instanceof Promise) return opening.then((open) => confirm(open, hosts, name));
  return confirm(opening, hosts, name);
}

/** The host must not name another project than the key does. What it names besides is looked up only where that differs. */
function confirm(open: OpenTenant, hosts: HostProjects, name: HostName): OpenTenant | Promise<OpenTenant> {
  if (name.kind === "ref" && name.name === open.tenant.ref) return open;
  const found = hosts.refOf(name);
  return found instanceof Promise ? confirmLater(open, name, found) : confirmed(open, name, found);
}

async function confirmLater(open: OpenTenant, name: HostName, finding: Promise<string | undefined>): Promise<OpenTenant> {
  // Where the metadata is away, who has a project's key gets at that project all the same, and at no other.
  const found = name.kind === "domain" ? await finding.catch(() => undefined) : await finding;
  return confirmed(open, name, found);
}

/** A label below the base domain that is nobody's is refused as another's is: it tells nobody which refs there are. */
function confirmed(open: OpenTenant, name: HostName, hostRef: string | undefined): OpenTenant {
  if (hostRef === open.tenant.ref || (hostRef === undefined && name.kind === "domain")) return open;
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
