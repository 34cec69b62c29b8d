import { type Claims, type ProjectWithKeys, signToken } from "plinth";

/** On whose behalf a test asks: a holder of the project's anon or service key, or a user with these claims. */
export type Who = "anon" | "service" | Claims;

export type RequestHeaders = Readonly<Record<string, string>>;

type Keys = Pick<ProjectWithKeys, "anonKey" | "serviceRoleKey" | "jwtSecret" | "roles">;

const LIFETIME = 3600;

/** A user's token. Role `authenticated` and an hour's time, where the claims don't say otherwise. */
export function tokenFor({ jwtSecret, roles }: Keys, claims: Claims): string {
  return signToken({ role: roles.authenticated, exp: Math.floor(Date.now() / 1000) + LIFETIME, ...claims }, jwtSecret);
}

/** The headers that Supabase's clients send for them. */
export function headersFor(project: Keys, who: Who): RequestHeaders {
  if (who === "service") return credentials(project.serviceRoleKey, project.serviceRoleKey);
  return credentials(project.anonKey, who === "anon" ? project.anonKey : tokenFor(project, who));
}

/** A key and a token that need not belong together. */
export const credentials = (apikey: string, token: string): RequestHeaders => ({ apikey, authorization: `Bearer ${token}` });
