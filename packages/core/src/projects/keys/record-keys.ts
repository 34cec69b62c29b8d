import { randomBytes } from "node:crypto";
import { hmacSecretOf, jwtSettingsOf } from "../../keys/jwt-settings.ts";
import { createProjectKeys, type ProjectKeys } from "../../keys/project-keys.ts";
import type { ProjectRecord } from "../project-record.ts";

/** What tells who asks something of the project. @throws BackendError PLINTH_CONFIG_INVALID for a key set that is none, and for settings of tokens that are wrong */
export function recordKeys({ project, aliases, jwtSecret, keys, jwks, jwtAudience }: ProjectRecord, requireApiKey: boolean): ProjectKeys {
  const { apiKeys, previousSecrets, signingKeys } = keys;
  const { roleClaimKey: roleClaim, secretEnabled, anonymousAccess } = jwtSettingsOf(project);
  const secrets = secretEnabled ? { secret: hmacSecretOf(project, jwtSecret), previousSecrets } : {};
  const anonRole = anonymousAccess ? project.roles.anon : undefined;
  return createProjectKeys({ ref: project.ref, aliases, ...secrets, signingKeys, apiKeys, jwks, audience: jwtAudience, anonRole, roleClaim, requireApiKey });
}

/** The keys of a project that there is not: none holds, and each is refused as one of a project that there is would be. */
export function nobodysKeys(requireApiKey: boolean): ProjectKeys {
  return createProjectKeys({ ref: "-", secret: randomBytes(32).toString("base64url"), anonRole: "-", requireApiKey });
}
