import { createHash } from "node:crypto";
import pg from "pg";
import { AUTH_ADMIN_ROLE, DEFAULT_ROLES, type ProjectRoles } from "./project.ts";

const { escapeIdentifier, escapeLiteral } = pg;

/**
 * The set-up that every project's database gets, so that SQL written for a Supabase database runs in it: the schema
 * `extensions`, the functions by which policies read the request's claims, and default privileges in `public`.
 * https://supabase.com/docs/guides/database/postgres/roles, https://supabase.com/docs/guides/auth/jwt-fields
 * Run as the owner; idempotent.
 *
 * @param more SQL of the host's own
 */
export const baseSetup = (roles: ProjectRoles, more = ""): string => baseSql(roles) + more;

/** What a database says that was given this set-up, in a comment on the schema `auth`: another for each version of it. */
export const markOf = (scripts: readonly string[]): string => `plinth set-up ${createHash("sha256").update(JSON.stringify(scripts)).digest("hex").slice(0, 16)}`;

/** The set-up with its mark at its end, so that it is known to be whole. */
export const markedSetup = (scripts: readonly string[]): readonly string[] => [...scripts, `comment on schema auth is ${escapeLiteral(markOf(scripts))};`];

/** Stands in for the login role on the embedded database, whose sessions all begin as superuser. */
export const EMBEDDED_SESSION_ROLE = "authenticator";

/** The roles for an instance that has them to itself: embedded ones. Natively they are the whole cluster's. */
export function requestRolesSetup({ anon, authenticated, service }: ProjectRoles): string {
  const roles = [
    ...[anon, authenticated, AUTH_ADMIN_ROLE].map((role) => createRole(role, "nologin noinherit")),
    createRole(service, "nologin noinherit bypassrls"),
    createRole(EMBEDDED_SESSION_ROLE, "noinherit"),
  ];
  return `${roles.join("")}\ngrant ${[anon, authenticated, service, AUTH_ADMIN_ROLE].map(escapeIdentifier).join(", ")} to ${EMBEDDED_SESSION_ROLE};`;
}

/**
 * The search path of a project's sessions. Natively it is set for the database; an embedded instance must be started
 * with it, because single-user mode does not read settings of databases.
 */
export const PROJECT_SEARCH_PATH = `"$user", public, extensions`;

const createRole = (role: string, attributes: string): string => `
do $$ begin
  if not exists (select from pg_catalog.pg_roles where rolname = ${escapeLiteral(role)}) then
    create role ${escapeIdentifier(role)} ${attributes};
  end if;
end $$;`;

function baseSql(roles: ProjectRoles): string {
  const everyone = [roles.anon, roles.authenticated, roles.service].map(escapeIdentifier).join(", ");
  return `
create schema if not exists extensions;
grant usage on schema extensions to ${everyone};
${extension("pgcrypto")}${extension("uuid-ossp")}
create schema if not exists auth;
grant usage on schema auth to ${everyone}, ${AUTH_ADMIN_ROLE};
${CLAIM_FUNCTIONS}
grant execute on function auth.jwt(), auth.uid(), auth.role(), auth.email() to ${everyone}, ${AUTH_ADMIN_ROLE};
grant usage on schema public to ${everyone}, ${AUTH_ADMIN_ROLE};
${["tables", "sequences", "functions"].map((kind) => `alter default privileges in schema public grant all on ${kind} to ${everyone};`).join("\n")}`;
}

/** Some servers lack an extension or don't let their users have it; what needs it says so when it is used. */
const extension = (name: string): string => `
do $$ begin
  if exists (select from pg_catalog.pg_available_extensions where name = ${escapeLiteral(name)}) then
    create extension if not exists ${escapeIdentifier(name)} with schema extensions;
  end if;
exception when insufficient_privilege then null;
end $$;`;

/** They read settings only, and PostgreSQL inlines them: a policy costs no function call per row. */
const CLAIM_FUNCTIONS = `
create or replace function auth.jwt() returns jsonb language sql stable as
  $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $$;
create or replace function auth.uid() returns uuid language sql stable as
  $$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
create or replace function auth.role() returns text language sql stable as
  $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role' $$;
create or replace function auth.email() returns text language sql stable as
  $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email' $$;`;

/**
 * Roles and set-up of a fresh embedded project with the default role names, for a template to start from.
 * @param services each service's `databaseSetup`
 */
export const embeddedSetup = (services: readonly string[]): readonly string[] => markedSetup([requestRolesSetup(DEFAULT_ROLES) + baseSetup(DEFAULT_ROLES), ...services]);
