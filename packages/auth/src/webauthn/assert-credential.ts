import type { Expectation } from "./create-credential.ts";
import type { AssertionResponse } from "./credential-response.ts";
import type { Credential, Transport, UsedCredential } from "./credential.ts";
import type { RelyingParty } from "./relying-party.ts";

/** `PublicKeyCredentialRequestOptionsJSON`. @param allow none: whichever passkey the user chooses */
export async function requestOptions(relyingParty: RelyingParty, allow: ReadonlyArray<{ readonly id: Uint8Array; readonly transports?: readonly Transport[] }>): Promise<{ readonly challenge: string }> {
  const { generateAuthenticationOptions } = await import("@simplewebauthn/server");
  return generateAuthenticationOptions({
    rpID: relyingParty.id,
    timeout: relyingParty.timeout,
    userVerification: "preferred",
    ...(allow.length > 0 ? { allowCredentials: allow.map(({ id, transports }) => ({ id: Buffer.from(id).toString("base64url"), ...(transports && transports.length > 0 ? { transports: [...transports] } : {}) })) } : {}),
  });
}

/**
 * Whether the credential has signed this challenge for this application. A counter that doesn't go up tells of a copy of
 * the authenticator (WebAuthn Level 3, 6.1.1), which is refused, as is a credential whose kind has changed.
 *
 * @returns undefined for a wrong answer
 */
export async function verifyAssertion({ id, type, response }: AssertionResponse, { relyingParty, challenge }: Expectation, credential: Credential): Promise<UsedCredential | undefined> {
  const { verifyAuthenticationResponse } = await import("@simplewebauthn/server");
  const { userHandle, ...signed } = response;
  const verified = await verifyAuthenticationResponse({
    response: { id, rawId: id, type, response: { ...signed, ...(userHandle === undefined ? {} : { userHandle }) }, clientExtensionResults: {} },
    expectedChallenge: challenge,
    expectedOrigin: [...relyingParty.origins],
    expectedRPID: relyingParty.id,
    requireUserVerification: false,
    credential: { id: Buffer.from(credential.id).toString("base64url"), publicKey: credential.publicKey, counter: credential.signCount },
  }).catch(() => undefined);
  if (!verified?.verified) return undefined;
  const { newCounter, credentialDeviceType, credentialBackedUp, userVerified, credentialID } = verified.authenticationInfo;
  if (credentialID !== id || (credentialDeviceType === "multiDevice") !== credential.backupEligible) return undefined;
  return { signCount: newCounter, backedUp: credentialBackedUp, userVerified };
}
