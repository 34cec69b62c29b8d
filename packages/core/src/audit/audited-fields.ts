import type { JwksSource, ProjectRoles, ProjectSettings } from "../projects/project.ts";

/** How a value is written into the audit log. Only what these make of a value is ever stored. */
type Writer<T> = (value: T) => unknown;

const text: Writer<string | null> = (value) => value;
const count: Writer<number | null> = (value) => value;
const flag: Writer<boolean> = (value) => value;
const moment: Writer<Date | null> = (value) => value?.toISOString() ?? null;
const names: Writer<readonly string[]> = (value) => [...value];

/**
 * Every field that a change may be described by. What is not in this table is not stored, whoever hands it over; so
 * no password, secret or key belongs here, nor text that could have one in it (URLs with a login, SQL, error messages).
 */
export const AUDITED_FIELDS = {
  ref: text,
  name: text,
  status: text,
  cluster: text,
  /** Name of a database. */
  database: text,
  adopted: flag,
  roles: (({ anon, authenticated, service }) => ({ anon, authenticated, service })) satisfies Writer<ProjectRoles>,
  settings: ((settings) => outline(settings)) satisfies Writer<ProjectSettings>,
  jwks: ((jwks) => (jwks === null ? null : { url: withoutSecrets(jwks.url), kids: (jwks.keys ?? []).map(({ kid }) => (typeof kid === "string" ? kid : null)) })) satisfies Writer<JwksSource | null>,
  jwtAudience: text,
  deleteAfter: moment,
  setupChecksum: text,
  /** Of a secret: that it is another one now, never what. */
  jwtSecretChanged: flag,
  loginChanged: flag,
  /** Id of a row: an API key's, a job's. */
  id: text,
  kid: text,
  algorithm: text,
  /** Id of a master key. */
  keyId: text,
  kind: text,
  role: text,
  /** First characters of an opaque key. */
  hint: text,
  expiresAt: moment,
  revokedAt: moment,
  verifyUntil: moment,
  domain: text,
  /** What answers at a domain. */
  serves: text,
  /** File name of a migration. */
  migration: text,
  migrations: names,
  sqlstate: text,
  /** Of a change that is made of steps. */
  step: text,
  outcome: text,
  /** How many were changed, where it is one change of many rows. */
  count,
} as const satisfies Readonly<Record<string, Writer<never>>>;

/** What is said of a thing before or after a change. */
export type AuditFacts = { readonly [K in keyof typeof AUDITED_FIELDS]?: Parameters<(typeof AUDITED_FIELDS)[K]>[0] };

/** The facts as stored; undefined ones are left out, and so is whatever else a caller's object has. */
export function writeFacts(facts: AuditFacts): Readonly<Record<string, unknown>> {
  const given = Object.entries(AUDITED_FIELDS).filter(([name]) => facts[name as keyof AuditFacts] !== undefined);
  return Object.fromEntries(given.map(([name, write]) => [name, (write as Writer<unknown>)(facts[name as keyof AuditFacts])]));
}

/** Settings are the services' own and may hold secrets: of texts only that there is one is told. */
function outline(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(outline);
  if (typeof value === "object" && value !== null) return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, outline(part)]));
  return typeof value === "string" ? "(text)" : value;
}

/** A URL's login and parameters can be secrets. */
function withoutSecrets(url: string | undefined): string | null {
  if (url === undefined || !URL.canParse(url)) return null;
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
