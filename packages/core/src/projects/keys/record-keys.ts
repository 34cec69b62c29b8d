import { randomBytes } from "node:crypto";
import { roleClaimOf } from "../../keys/jwt-settings.ts";
import { createProjectKeys, type ProjectKeys } from "../../keys/project-keys.ts";
import type { ProjectRecord } from "../project-record.ts";

/** What tells who asks something of the project. @throws BackendError PLINTH_CONFIG_INVALID for a key set that is none, and for settings of tokens that are wrong */
export function recordKeys({ project, aliases, jwtSecret, keys, jwks, jwtAudience }: ProjectRecord, requireApiKey: boolean): ProjectKeys {
  const { apiKeys, previousSecrets, signingKeys } = keys;
  return createProjectKeys({ ref: project.ref, aliases, secret: jwtSecret, previousSecrets, signingKeys, apiKeys, jwks, audience: jwtAudience, anonRole: project.roles.anon, roleClaim: roleClaimOf(project), requireApiKey });
}

/** The keys of a project that there is not: none holds, and each is refused as one of a project that there is would be. */
export function nobodysKeys(requireApiKey: boolean): ProjectKeys {
  return createProjectKeys({ ref: "-", secret: randomBytes(32).toString("base64url"), anonRole: "-", requireApiKey });
}
