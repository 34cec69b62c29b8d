import type { ServerTiming } from "../http/server-timing.ts";
import type { Caller } from "../tenant/scope.ts";
import type { Project } from "../projects/project.ts";
import type { ServiceFiles } from "./service-files.ts";
import type { Tenant } from "../tenant/tenant.ts";

/** A request on its way into a service: whose it is, from whom, and where below the service's prefix. */
export interface RequestContext {
  readonly request: Request;
  readonly tenant: Tenant;
  readonly caller: Caller;
  /** Path below the service's prefix, percent-encoded as sent, beginning with "/". */
  readonly path: string;
  /** Query string as sent, without "?"; "" where there is none. */
  readonly query: string;
  /** The one that the request came with, or a new one; the response's X-Request-Id. */
  readonly requestId: string;
  readonly timing: ServerTiming;
  /** Whether the request's host is one of the project's: its label below the base domain, or a domain of its own. */
  isOwnHost(): Promise<boolean>;
  /** Whether a request to the same host that shows no key is for this project: an address without one can be given away. */
  isReachedWithoutKey(): Promise<boolean>;
  /**
   * Who a token or key of the project speaks for that the request shows elsewhere than in the headers for it.
   * @throws BackendError as `ProjectKeys.verify`; or the promise rejects with it
   */
  verify(credential: string): Caller | Promise<Caller>;
}

/** What is known of a request when an error has to be rendered: perhaps not yet its tenant or caller. */
export interface ErrorContext {
  readonly request: Request;
  readonly tenant?: Tenant | undefined;
  readonly caller?: Caller | undefined;
  readonly requestId: string;
  readonly timing: ServerTiming;
}

/** One part of the backend, mounted below a prefix. Services never know each other. */
export interface Service {
  /** "rest", "auth", … */
  readonly name: string;
  /** "/rest/v1", … below the backend's base path. */
  readonly prefix: string;
  handle(context: RequestContext): Promise<Response>;
  /**
   * Whether a path below the prefix is answered without a key, to everybody. A key that is shown must hold all the same;
   * it may be shown as the parameter `apikey` there, which says which project is meant.
   */
  isOpen?(path: string, method: string): boolean;
  /** This service's error body for whatever was thrown: called by the only catch. Must not throw. */
  renderError(error: unknown, context: ErrorContext): Response;
  /**
   * Names what a request asks of this service, for logs and traces: one of a few names, such as `rest.read`.
   * Default: the service's name.
   */
  operation?(method: string, path: string): string;
  /** SQL that a new project's database needs for this service; idempotent, run as owner, never on adopted ones. */
  readonly databaseSetup?: string;
  /**
   * Checks a project's settings for this service, `settings[name]`, before they are stored.
   * @throws BackendError PLINTH_CONFIG_INVALID naming what is wrong
   */
  checkSettings?(settings: unknown): void;
  /**
   * Which of a project's settings for this service are secret: names separated by dots, `*` for any one name
   * (`hook.*.secrets`). They are stored sealed; `project.settings` shows something in their place, and
   * `tenant.secrets.settings` has them.
   */
  readonly secretSettings?: readonly string[];
  /**
   * Which project a request names in a way of this service's own (in the credential of its signature, say), where it shows
   * no key: only whose secrets are asked then. That it holds is for the service to see to.
   * @returns a ref, unverified
   */
  refOf?(request: Request, path: string, query: string): string | undefined;
  /** The project that a path below the prefix names, where neither a key nor the host does. @returns a ref, unverified */
  refInPath?(path: string): string | undefined;
  /**
   * Whether all paths of a URL's host are this service's, whatever other services' prefixes are. A service that says so
   * here is at no prefix, and goes before those after it.
   * @param isSites whether the host is a domain that was registered for a project's site
   */
  takesHost?(url: string, isSites: boolean): boolean;
  /** Removes what the service keeps of a deleted project outside its database. Idempotent: a crash has it called again. */
  discard?(project: Pick<Project, "uid" | "ref">): Promise<void>;
  /** What the service keeps of a project outside its database, for exports and imports. */
  readonly files?: ServiceFiles;
  close?(): Promise<void>;
}
