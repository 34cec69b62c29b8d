import type { SecretContext } from "../../secrets/key-ring.ts";

/** What a sealed signing key is bound to: the project's uid, which stays when the project is renamed. */
export const signingKeyContext = (projectUid: string, kid: string): SecretContext => ({ ref: projectUid, purpose: `signing-key.${kid}` });
