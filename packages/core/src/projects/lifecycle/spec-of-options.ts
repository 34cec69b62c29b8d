import { randomBytes } from "node:crypto";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import { type CreateProjectOptions, DEFAULT_ROLES, type ProjectRoles } from "../project.ts";
import { assertProjectRef } from "../project-ref.ts";
import type { ProjectRow, ProjectSecrets } from "../project-rows.ts";
import type { ProjectCredentials } from "../project-record.ts";
import type { ProjectSpec } from "./project-spec.ts";

const MIN_SECRET_BYTES = 32;
/** PostgreSQL cuts longer names off without a word. */
const MAX_NAME_BYTES = 63;

type AdoptedCredentials = Extract<ProjectCredentials, { kind: "adopted" }>;

/** A record, so that the compiler sees to it that none is missing. */
const OPTION_NAMES: { readonly [K in keyof Required<CreateProjectOptions>]: true } = {
  ref: true,
  name: true,
  databaseUrl: true,
  ownerUrl: true,
  poolerUrl: true,
  jwtSecret: true,
  jwks: true,
  jwtAudience: true,
  roles: true,
  settings: true,
  cluster: true,
};

/** @throws BackendError PLINTH_PROJECT_REF_INVALID, PLINTH_CONFIG_INVALID */
export function checkCreateOptions(options: CreateProjectOptions): void {
  const unknown = Object.keys(options).filter((name) => !(name in OPTION_NAMES));
  if (unknown.length > 0) throw invalid(`There is no option ${unknown.join(", ")}.`, `There are: ${Object.keys(OPTION_NAMES).join(", ")}.`);
  assertProjectRef(options.ref);
  if (options.jwtSecret !== undefined && Buffer.byteLength(options.jwtSecret) < MIN_SECRET_BYTES) {
    throw invalid(`jwtSecret: must have ${MIN_SECRET_BYTES} characters at least`, "Make one with `openssl rand -base64 48`, or leave it out to have one made.");
  }
  if (options.ownerUrl !== undefined && options.databaseUrl === undefined) throw invalid("ownerUrl: is for a database that is adopted (databaseUrl)");
  if (options.poolerUrl !== undefined && options.databaseUrl === undefined) throw invalid("poolerUrl: is for a database that is adopted (databaseUrl)");
  if (options.cluster !== undefined && options.databaseUrl !== undefined) throw invalid("cluster: is for a database that is made, not one that is adopted (databaseUrl)");
  const roles = Object.values({ ...DEFAULT_ROLES, ...defined(options.roles) });
  if (roles.some((role) => role === "" || Buffer.byteLength(role) > MAX_NAME_BYTES || role.includes("\0"))) throw invalid(`roles: a role's name has 1 to ${MAX_NAME_BYTES} bytes`);
  if (new Set(roles).size < roles.length) throw invalid("roles: anon, authenticated and service must be three different roles");
}

/** @param databaseUrl the option that says that a database is adopted */
export function adoptedCredentials(databaseUrl: string, { ownerUrl, poolerUrl }: CreateProjectOptions): AdoptedCredentials {
  return { kind: "adopted", databaseUrl, ownerUrl: ownerUrl ?? databaseUrl, ...(poolerUrl === undefined ? {} : { poolerUrl }) };
}

export function newSpec(options: CreateProjectOptions): ProjectSpec {
  return {
    ref: options.ref,
    name: options.name ?? options.ref,
    jwtSecret: options.jwtSecret ?? randomBytes(48).toString("base64url"),
    jwks: options.jwks,
    jwtAudience: options.jwtAudience,
    roles: { ...DEFAULT_ROLES, ...defined(options.roles) },
    settings: options.settings ?? {},
  };
}

/** What a project half made was to be, save where it is now asked for otherwise. */
export function resumedSpec(row: ProjectRow, secrets: ProjectSecrets, options: CreateProjectOptions): ProjectSpec {
  return {
    ref: row.ref,
    name: options.name ?? row.name,
    jwtSecret: options.jwtSecret ?? secrets.jwtSecret,
    jwks: options.jwks ?? row.jwks ?? undefined,
    jwtAudience: options.jwtAudience ?? row.jwt_audience ?? undefined,
    roles: { ...row.roles, ...defined(options.roles) },
    settings: options.settings ?? row.settings,
  };
}

/** `{ anon: undefined }` says nothing of anon. */
function defined(roles: Partial<ProjectRoles> | undefined): Partial<ProjectRoles> {
  return Object.fromEntries(Object.entries(roles ?? {}).filter(([, role]) => role !== undefined));
}

const invalid = (problem: string, hint: string | null = null): BackendError =>
  new BackendError(CORE_ERRORS.configInvalid, { message: `The options of the project are not valid. ${problem}`, hint });
