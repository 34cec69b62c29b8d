import { signToken } from "../keys/sign-token.ts";
import { hmacSecretOf, jwtSettingsOf } from "../keys/jwt-settings.ts";
import type { Project } from "./project.ts";

const TEN_YEARS_IN_SECONDS = 3650 * 24 * 60 * 60;

export interface ApiKeys {
  readonly anonKey: string;
  readonly serviceRoleKey: string;
}

/**
 * The project's two keys: JWTs (RFC 7519, HS256) that say the project and a role of it. They follow from the project
 * and its secret, so that they are the same whenever they are asked for and stored nowhere.
 */
export function signApiKeys({ ref, roles, createdAt, settings }: Pick<Project, "ref" | "roles" | "createdAt" | "settings">, jwtSecret: string): ApiKeys {
  const iat = Math.floor(createdAt.getTime() / 1000);
  const secret = hmacSecretOf({ settings }, jwtSecret);
  const sign = (role: string): string => signToken({ iss: "plinth", ref, role, iat, exp: iat + TEN_YEARS_IN_SECONDS }, secret);
  return { anonKey: sign(roles.anon), serviceRoleKey: sign(roles.service) };
}

/** The anon key; undefined where tokens of the project's secret don't hold. */
export const anonKeyOf = (project: Project, jwtSecret: string): string | undefined => (jwtSettingsOf(project).secretEnabled ? signApiKeys(project, jwtSecret).anonKey : undefined);
