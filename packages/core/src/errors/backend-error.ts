/** What an entry in a package's `errors.ts` table says about one error. */
export interface ErrorDefinition {
  /** Stable, public, e.g. `PGRST301` or `PLINTH_PROJECT_NOT_FOUND`. */
  readonly code: string;
  /** HTTP status it is answered with. */
  readonly status: number;
  /** The sentence a client sees when the thrower gives none of its own. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

export interface BackendErrorOptions {
  readonly message?: string;
  /** PostgREST renders any JSON here; the other services a string. */
  readonly details?: unknown;
  readonly hint?: string | null;
  /** Extra response headers, e.g. `WWW-Authenticate` or `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** HTTP status, where it isn't the table's. */
  readonly status?: number;
  /** Never shown to a client; for logs. */
  readonly cause?: unknown;
}

/**
 * The one error that stages and handlers throw. Which body it becomes is for the service to say
 * (`Service.renderError`), because PostgREST, GoTrue, Storage and OpenAI bodies differ.
 *
 * @example
 * throw new BackendError(CORE_ERRORS.projectNotFound, { details: `No project "acme".` });
 */
export class BackendError extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: unknown;
  readonly hint: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(definition: ErrorDefinition, options: BackendErrorOptions = {}) {
    super(options.message ?? definition.message, { cause: options.cause });
    this.name = "BackendError";
    this.code = definition.code;
    this.status = options.status ?? definition.status;
    this.details = options.details ?? null;
    this.hint = options.hint === undefined ? (definition.hint ?? null) : options.hint;
    this.headers = options.headers ?? {};
  }
}
