import { importPKCS8, SignJWT } from "jose";
import { z } from "zod";

const keySchema = z.object({ teamId: z.string(), keyId: z.string(), privateKey: z.string() });
/** Seconds: one that was made for one request needs no longer. */
const LIFETIME = 300;

/**
 * Apple's client secret is a token that the team signs
 * (https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret), for half a year at
 * most. `secret` is that token; or, so that nobody has to renew it, JSON with the team's key:
 * `{"teamId": "…", "keyId": "…", "privateKey": "-----BEGIN PRIVATE KEY-----…"}`.
 */
export async function appleClientSecret(secret: string, clientId: string, issuer: string): Promise<string> {
  if (!secret.trimStart().startsWith("{")) return secret;
  const { teamId, keyId, privateKey } = keySchema.parse(JSON.parse(secret));
  const key = await importPKCS8(privateKey, "ES256");
  return new SignJWT().setProtectedHeader({ alg: "ES256", kid: keyId }).setIssuer(teamId).setSubject(clientId).setAudience(issuer).setIssuedAt().setExpirationTime(`${LIFETIME}s`).sign(key);
}
