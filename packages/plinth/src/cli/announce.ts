import type { ProjectWithKeys } from "@plinth/core";

/** What is served where. */
export interface Announced {
  readonly url: string;
  readonly project: ProjectWithKeys;
  /** With the owner's rights. */
  readonly databaseUrl: string;
}

/** One line of JSON, for scripts. */
export function machineLine({ url, project: { ref, anonKey, serviceRoleKey, jwtSecret }, databaseUrl }: Announced): string {
  return JSON.stringify({ url, ref, anonKey, serviceRoleKey, jwtSecret, databaseUrl });
}

export function welcome({ url, project: { ref, anonKey, serviceRoleKey, jwtSecret }, databaseUrl }: Announced): string {
  return `Plinth serves project "${ref}" at ${url}

  REST API          ${url}/rest/v1
  anon key          ${anonKey}
  service role key  ${serviceRoleKey}   (passes over row level security: servers only)
  JWT secret        ${jwtSecret}   (signs your users' tokens)
  database          ${databaseUrl}   (the owner's rights: for psql and other tools)

Try it (a table without row level security is open to whoever has the anon key):
  curl ${url}/rest/v1/ -H "apikey: ${anonKey}"

Stop with Ctrl-C.`;
}
