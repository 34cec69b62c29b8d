/** What answers at a domain: all of the project's services, or its site alone, at the root and with an origin to itself. */
export type DomainServes = "api" | "site";

/** A host name that leads to a project. */
export interface ProjectDomain {
  /** Lower case, in ASCII form (RFC 5891). */
  readonly domain: string;
  readonly createdAt: Date;
  readonly serves: DomainServes;
}

export interface AddDomainOptions {
  /** Changes that of a domain which the project has already. Default: as it is; of a new one, "api". */
  readonly serves?: DomainServes;
}

/** The domains of one project: `backend.projects.domains(ref)`. */
export interface ProjectDomains {
  /**
   * Makes requests to this host be for the project, in every process within a second. Idempotent.
   *
   * @param domain such as `api.acme.com`; upper case, a port and a trailing dot are dropped, `bücher.example` becomes
   * `xn--bcher-kva.example`. That it is the project's to use is for the caller to verify.
   * @throws BackendError PLINTH_DOMAIN_INVALID, also for one at or below the base domain; PLINTH_DOMAIN_TAKEN where it
   * leads to another project; PLINTH_PROJECT_NOT_FOUND
   */
  add(domain: string, options?: AddDomainOptions): Promise<ProjectDomain>;
  /**
   * In the order of their names.
   * @throws BackendError PLINTH_PROJECT_NOT_FOUND
   */
  list(): Promise<readonly ProjectDomain[]>;
  /**
   * Takes a domain of this project away from it. Does nothing where it has no such domain.
   * @throws BackendError PLINTH_PROJECT_NOT_FOUND
   */
  remove(domain: string): Promise<void>;
}
