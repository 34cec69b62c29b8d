import { randomBytes } from "node:crypto";
import { createProjectKeys, type ProjectKeys } from "../../keys/project-keys.ts";
import type { ProjectRecord } from "../project-record.ts";

/** What tells who asks something of the project. @throws BackendError PLINTH_CONFIG_INVALID for a key set that is none */
export function recordKeys({ project, aliases, jwtSecret, keys, jwks, jwtAudience }: ProjectRecord, requireApiKey: boolean): ProjectKeys {
  const { apiKeys, previousSecrets, signingKeys } = keys;
  return createProjectKeys({ ref: project.ref, aliases, secret: jwtSecret, previousSecrets, signingKeys, apiKeys, jwks, audience: jwtAudience, anonRole: project.roles.anon, requireApiKey });
}

/** The keys of a project that there is not: none holds, and each is refused as one of a project that there is would be. */
export function nobodysKeys(requireApiKey: boolean): ProjectKeys {
  return createProjectKeys({ ref: "-", secret: randomBytes(32).toString("base64url"), anonRole: "-", requireApiKey });
}
