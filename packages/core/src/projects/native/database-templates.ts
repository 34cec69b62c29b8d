import { createHash, randomBytes } from "node:crypto";
import pg from "pg";
import { connectionError } from "../../database/connection-error.ts";
import { markedSetup } from "../base-setup.ts";
import type { ProvisioningTarget } from "../database-host.ts";
import { DEFAULT_ROLES, type ProjectRoles } from "../project.ts";
import { withDatabase } from "./connection-url.ts";
import { createEmptyDatabase } from "./create-empty-database.ts";
import { sqlstateOf } from "./sqlstate.ts";

const { escapeIdentifier, escapeLiteral } = pg;

export interface DatabaseTemplatesOptions {
  readonly adminUrl: string;
  readonly baseSetup: (roles: ProjectRoles) => string;
}

/** Making a template costs what a project's database does: the third project of a process is the first to gain by it. */
const MADE_AT = 3;
/** Other versions' templates are left alone for so long: both may run at the same time. In milliseconds. */
const KEPT_MS = 24 * 60 * 60 * 1000;
/** After this a draft's maker is no more. */
const DRAFTED_MS = 60 * 60 * 1000;

const UNDEFINED_DATABASE = "3D000";
const IN_USE = "55006";
const FORBIDDEN = "42501";
/** With these a copy can't be had, and an empty database still can. */
const NO_COPY = new Set([UNDEFINED_DATABASE, IN_USE, FORBIDDEN]);

/**
 * Databases with the whole set-up in them, which new projects' databases are copies of: one for each version of the
 * set-up on a server, made once and open to nobody. Made with other roles than the usual ones, a project gets none.
 */
export class DatabaseTemplates {
  readonly #options: DatabaseTemplatesOptions;
  readonly #ready = new Map<string, Promise<boolean>>();
  #asked = 0;

  constructor(options: DatabaseTemplatesOptions) {
    this.#options = options;
  }

  /** @returns false where there is no template to copy, so that an empty database has to do */
  async copy(admin: pg.ClientBase, target: ProvisioningTarget): Promise<boolean> {
    if (JSON.stringify(target.roles, ROLE_KINDS) !== JSON.stringify(DEFAULT_ROLES, ROLE_KINDS)) return false;
    this.#asked++;
    const scripts = markedSetup([this.#options.baseSetup(target.roles), ...target.setup]);
    const name = await templateName(admin, scripts);
    if (!(await this.#isReady(admin, name, scripts))) return false;
    try {
      await admin.query(`create database ${escapeIdentifier(target.database)} template ${escapeIdentifier(name)} strategy wal_log allow_connections false`);
      return true;
    } catch (error) {
      // Somebody dropped it, or looks into it.
      if (!NO_COPY.has(sqlstateOf(error))) throw error;
      this.#ready.delete(name);
      return false;
    }
  }

  async #isReady(admin: pg.ClientBase, name: string, scripts: readonly string[]): Promise<boolean> {
    const known = this.#ready.get(name);
    if (known) return known;
    if (this.#asked < MADE_AT && !(await isThere(admin, name))) return false;
    const making = this.#ready.get(name) ?? this.#make(admin, name, scripts);
    this.#ready.set(name, making);
    const ready = await making.catch(() => false);
    if (!ready) this.#ready.delete(name);
    return ready;
  }

  /** Under a name that is nobody's until it is whole. Whoever comes second drops its own. */
  async #make(admin: pg.ClientBase, name: string, scripts: readonly string[]): Promise<boolean> {
    if (await isThere(admin, name)) return true;
    const draft = `plinth_draft_${Date.now().toString(36)}_${randomBytes(4).toString("hex")}`;
    const quoted = escapeIdentifier(draft);
    try {
      await createEmptyDatabase(admin, draft);
      await admin.query(`revoke all on database ${quoted} from public; comment on database ${quoted} is ${escapeLiteral(`plinth template ${new Date().toISOString()}`)}; alter database ${quoted} allow_connections true`);
      await this.#setUp(draft, scripts);
      await admin.query(`alter database ${quoted} allow_connections false`);
      await admin.query(`alter database ${quoted} rename to ${escapeIdentifier(name)}`);
    } catch (error) {
      await admin.query(`drop database if exists ${quoted} with (force)`).catch(() => undefined);
      if (await isThere(admin, name)) return true;
      throw error;
    }
    await dropOld(admin, name).catch(() => undefined);
    return true;
  }

  async #setUp(database: string, scripts: readonly string[]): Promise<void> {
    const client = new pg.Client({ connectionString: withDatabase(this.#options.adminUrl, database), connectionTimeoutMillis: 10_000 });
    client.on("error", () => undefined);
    await client.connect().catch((error: unknown) => Promise.reject(connectionError(error)));
    try {
      for (const script of scripts) await client.query(script);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

const ROLE_KINDS = Object.keys(DEFAULT_ROLES);

/** What is in it belongs to whoever made it, and a change of either makes it another. */
async function templateName(admin: pg.ClientBase, scripts: readonly string[]): Promise<string> {
  const { rows } = await admin.query<{ owner: string }>("select current_user::text as owner");
  return `plinth_template_${createHash("sha256").update(JSON.stringify([rows[0]?.owner, ...scripts])).digest("hex").slice(0, 16)}`;
}

/** Of our own making: another role may have put something there under the name. */
async function isThere(admin: pg.ClientBase, name: string): Promise<boolean> {
  const { rowCount } = await admin.query("select from pg_database where datname = $1 and datdba = current_user::regrole and not datallowconn", [name]);
  return rowCount !== 0;
}

async function dropOld(admin: pg.ClientBase, present: string): Promise<void> {
  const { rows } = await admin.query<{ name: string; comment: string | null }>(
    "select datname::text as name, shobj_description(oid, 'pg_database') as comment from pg_database where datdba = current_user::regrole and datname ~ '^plinth_(template_[0-9a-f]{16}|draft_[0-9a-z]+_[0-9a-f]{8})$' and datname <> $1",
    [present],
  );
  for (const { name, comment } of rows) {
    if (isOld(name, comment)) await admin.query(`drop database if exists ${escapeIdentifier(name)} with (force)`);
  }
}

function isOld(name: string, comment: string | null): boolean {
  const drafted = /^plinth_draft_([0-9a-z]+)_/.exec(name)?.[1];
  if (drafted !== undefined) return Date.now() - Number.parseInt(drafted, 36) > DRAFTED_MS;
  const made = Date.parse(/^plinth template (.+)$/.exec(comment ?? "")?.[1] ?? "");
  return Date.now() - made > KEPT_MS;
}
