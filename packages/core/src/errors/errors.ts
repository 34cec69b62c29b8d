import type { ErrorDefinition } from "./backend-error.ts";

/** Errors of the core: routing, projects, keys, databases, configuration. */
export const CORE_ERRORS = {
  projectNotFound: { code: "PLINTH_PROJECT_NOT_FOUND", status: 404, message: "There is no such project.", hint: "List the projects with backend.projects.list(), or send an apikey of the project." },
  projectPaused: { code: "PLINTH_PROJECT_PAUSED", status: 503, message: "The project is paused." },
  projectExists: { code: "PLINTH_PROJECT_EXISTS", status: 409, message: "A project with this ref exists already.", hint: "Choose another ref, or get the project with backend.projects.get(ref)." },
  projectRefInvalid: { code: "PLINTH_PROJECT_REF_INVALID", status: 400, message: "A project's ref is 1 to 40 lower-case letters, digits and dashes, and begins with a letter." },
  tenantNotNamed: { code: "PLINTH_TENANT_NOT_NAMED", status: 404, message: "The request does not say which project it is for.", hint: "Send the project's anon or service key in the apikey header." },
  routeNotFound: { code: "PLINTH_ROUTE_NOT_FOUND", status: 404, message: "No service answers at this path.", hint: "The services are below where the backend is mounted: /rest/v1." },
  requestMalformed: { code: "PLINTH_REQUEST_MALFORMED", status: 400, message: "The request could not be read." },
  bodyTooLarge: { code: "PLINTH_BODY_TOO_LARGE", status: 413, message: "The request's body is larger than this backend accepts.", hint: "Raise maxBodyBytes, or send less at a time." },
  bodyTruncated: { code: "PLINTH_BODY_TRUNCATED", status: 400, message: "The request's body ended before its Content-Length." },
  requestAborted: { code: "PLINTH_REQUEST_ABORTED", status: 499, message: "The client went away before the answer." },
  databaseUnavailable: { code: "PLINTH_DATABASE_UNAVAILABLE", status: 503, message: "The project's database can't be reached right now.", hint: "Try again shortly. On the server: check that PostgreSQL is running and that the project's database URL is right; `plinth doctor` tells." },
  databaseBusy: { code: "PLINTH_DATABASE_BUSY", status: 503, message: "The project's database has no connection free." },
  directoryLocked: { code: "PLINTH_DIRECTORY_LOCKED", status: 500, message: "Another process is using this data folder.", hint: "Stop the other process, or give this one a data folder of its own (--data, dataDirectory)." },
  configInvalid: { code: "PLINTH_CONFIG_INVALID", status: 500, message: "The options given to createBackend() are not valid." },
  projectPlacement: { code: "PLINTH_PROJECT_PLACEMENT", status: 500, message: "The project is on a database server that this backend is not configured for." },
  provisioningFailed: { code: "PLINTH_PROVISIONING_FAILED", status: 500, message: "The project's database could not be set up.", hint: "Put right what the details say, then create the project again: it goes on where it stopped." },
  adoptionRefused: { code: "PLINTH_ADOPTION_REFUSED", status: 400, message: "This database can't be adopted as it is." },
  migrationFailed: { code: "PLINTH_MIGRATION_FAILED", status: 500, message: "A migration failed." },
  migrationChanged: { code: "PLINTH_MIGRATION_CHANGED", status: 500, message: "A migration that was applied before has been changed since.", hint: "Restore the file as it was, and put the change into a new migration." },
  masterKeyInvalid: { code: "PLINTH_MASTER_KEY_INVALID", status: 500, message: "The stored credentials can't be read with this master key.", hint: "Set PLINTH_MASTER_KEY to the key that the credentials were written with." },
  closed: { code: "PLINTH_CLOSED", status: 503, message: "The backend is closed." },
  internal: { code: "PLINTH_INTERNAL", status: 500, message: "Something went wrong on the server." },
} as const satisfies Record<string, ErrorDefinition>;
