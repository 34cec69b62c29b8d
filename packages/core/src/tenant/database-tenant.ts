import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import { isConnectionFailure } from "../database/connection-error.ts";
import { Listener } from "../database/listener.ts";
import type { ChannelWatch, ClientUse, DatabasePool } from "../database/pool.ts";
import { withStatementLimit } from "../database/embedded/host/statement-limit.ts";
import { runFlight, sendFlight, type StatementMode } from "../database/scope/run-flight.ts";
import { runScopedTransaction } from "../database/scope/scoped-kysely.ts";
import { settingsStatement } from "../database/scope/scope-statement.ts";
import type { Checkpoint, Ending, RawResult, Statement } from "../database/statement.ts";
import type { Project } from "../projects/project.ts";
import type { Scope } from "./scope.ts";
import { missingSecrets, type TenantSecrets } from "./tenant-secrets.ts";
import type { AnyDatabase, ScopedTransaction, Tenant, TenantStateKey } from "./tenant.ts";
import type pg from "pg";

export interface DatabaseTenantOptions {
  readonly statements?: StatementMode;
  /**
   * Becomes the session's user for the time of each transaction, where connections are made as superuser (the
   * embedded database): only what this role may switch to can then be switched to.
   */
  readonly sessionRole?: string | undefined;
  /**
   * Longest that a statement may run, where connections can't be opened with the setting: those of a pooler are others'
   * as well.
   */
  readonly statementTimeoutMs?: number | undefined;
  /** Default: false. */
  readonly sharesRoles?: boolean | undefined;
  /** Default: none that sign or open anything. */
  readonly secrets?: TenantSecrets | undefined;
}

type Setting = readonly [name: string, value: string];

/** Compiling what requests ask takes longer than running it, and no time-out stops it: a query of 200 embeds for a minute. */
const WITHOUT_JIT: Setting = ["jit", "off"];

const timeoutSetting = (milliseconds: number): readonly Setting[] => [["statement_timeout", String(milliseconds)]];

const useOf = ({ readOnly = false, signal }: Scope): ClientUse => ({ readOnly, signal });

/** Where the connections are a superuser's: what is asked along with LISTEN is to be asked as the login, by `catalog`. */
const withoutQuestions = (watch: ChannelWatch): ChannelWatch => ({
  get epoch() {
    return watch.epoch;
  },
  listen: () => watch.listen(),
  flush: () => watch.flush(),
  stop: () => watch.stop(),
});

/** A Tenant over a pool of connections to the project's database. */
export class DatabaseTenant implements Tenant {
  readonly project: Project;
  readonly sharesRoles: boolean;
  readonly secrets: TenantSecrets;
  readonly #pool: DatabasePool;
  readonly #mode: StatementMode;
  readonly #timeout: readonly Setting[];
  /** What other connections are opened with. */
  readonly #ofPooled: readonly Setting[];
  readonly #user: readonly Setting[];
  readonly #listener: Listener;
  readonly #states = new Map<object, { value: object; dispose: () => void | Promise<void> }>();

  constructor(project: Project, pool: DatabasePool, { statements = "named", sessionRole, statementTimeoutMs, sharesRoles = false, secrets = missingSecrets() }: DatabaseTenantOptions = {}) {
    this.project = project;
    this.sharesRoles = sharesRoles;
    this.secrets = secrets;
    this.#pool = pool;
    this.#mode = statements;
    this.#timeout = statementTimeoutMs === undefined ? [] : timeoutSetting(statementTimeoutMs);
    this.#ofPooled = statementTimeoutMs === undefined ? [] : [WITHOUT_JIT];
    this.#user = sessionRole === undefined ? [] : [["session_authorization", sessionRole]];
    this.#listener = new Listener(pool);
  }

  get ref(): string {
    return this.project.ref;
  }

  transaction<DB = AnyDatabase, T = unknown>(scope: Scope, work: (db: ScopedTransaction<DB>) => Promise<T>): Promise<T> {
    return this.#withClient(useOf(scope), (client) => withStatementLimit(client, scope, () => runScopedTransaction<DB, T>(client, this.#inSession(scope), work, this.#mode)));
  }

  async execute(scope: Scope, statements: readonly Statement[], ending: Ending = "commit", checkpoint?: Checkpoint): Promise<readonly RawResult[]> {
    const use: ClientUse = { ...useOf(scope), repeatable: scope.readOnly === true };
    const run = () => this.#withClient(use, (client) => withStatementLimit(client, scope, () => runFlight(client, this.#inSession(scope), statements, ending, this.#mode, checkpoint)));
    try {
      return await run();
    } catch (error) {
      // A pooled connection that had died unseen: a read may be sent again, a write may have happened.
      if (scope.readOnly && error instanceof BackendError && isConnectionFailure(error.cause)) return run();
      throw error;
    }
  }

  catalog(statement: Statement): Promise<RawResult> {
    return this.#withClient({ repeatable: true }, async (client) => {
      const [, result] = await sendFlight(client, [settingsStatement([...this.#user, WITHOUT_JIT, ...this.#timeout]), { ...statement, role: undefined }], "unnamed");
      return result as RawResult;
    });
  }

  listen(channel: string, listener: (payload: string) => void, onReconnect?: () => void): Promise<() => Promise<void>> {
    return this.#listener.subscribe(channel, listener, onReconnect);
  }

  watch(channel: string, listener: (payload: string) => void): ChannelWatch {
    const watch = this.#pool.watch(channel, listener);
    return this.#user.length === 0 ? watch : withoutQuestions(watch);
  }

  flushNotifications(): Promise<void> {
    return this.#listener.flush();
  }

  state<T extends object>(key: TenantStateKey<T>): T {
    const known = this.#states.get(key);
    if (known) return known.value as T;
    const value = key.create(this);
    this.#states.set(key, { value, dispose: () => key.dispose?.(value) });
    return value;
  }

  /** Ends the tenant's state and connections; work in flight is waited for. */
  async close(): Promise<void> {
    await this.retire();
    await this.#pool.close();
  }

  /** Ends its state. Whoever still works with it can go on, and its connections end when they are idle. */
  async retire(): Promise<void> {
    for (const { dispose } of this.#states.values()) await dispose();
    this.#states.clear();
    await this.#listener.close();
  }

  #inSession(scope: Scope): Scope {
    const { statementTimeoutMs } = scope;
    if (this.#user.length === 0 && this.#timeout.length === 0 && statementTimeoutMs === undefined) return scope;
    const timeout = statementTimeoutMs === undefined ? this.#timeout : timeoutSetting(statementTimeoutMs);
    return { ...scope, settings: [...this.#user, ...this.#ofPooled, ...timeout, ...(scope.settings ?? [])] };
  }

  async #withClient<T>(use: ClientUse, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    const { signal } = use;
    if (signal?.aborted) throw new BackendError(CORE_ERRORS.requestAborted);
    return this.#pool.withClient(signal ? (client) => this.#cancelOnAbort(signal, client, work) : work, use);
  }

  async #cancelOnAbort<T>(signal: AbortSignal, client: pg.ClientBase, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    let cancelled: Promise<void> | undefined;
    const cancel = () => {
      cancelled = this.#pool.cancel(client).catch(() => undefined);
    };
    signal.addEventListener("abort", cancel, { once: true });
    try {
      return await work(client);
    } catch (error) {
      if (signal.aborted) throw new BackendError(CORE_ERRORS.requestAborted, { cause: error });
      throw error;
    } finally {
      signal.removeEventListener("abort", cancel);
      // A cancellation still under way must not hit the connection's next user.
      await cancelled;
    }
  }
}
