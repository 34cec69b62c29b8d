import type { UserRow } from "../users/user.ts";
import type { CreationResponse } from "./credential-response.ts";
import type { NewCredential, Transport } from "./credential.ts";
import type { RelyingParty } from "./relying-party.ts";

/** EdDSA, ES256, RS256 (IANA's COSE algorithms): one of them every authenticator has. Post-quantum ones are experiments in Node yet. */
const ALGORITHMS = [-8, -7, -257];

export interface CreationOptions {
  readonly relyingParty: RelyingParty;
  readonly user: Pick<UserRow, "id" | "email" | "phone" | "raw_user_meta_data">;
  /** The user's credentials, so that no authenticator makes a second one. */
  readonly exclude: ReadonlyArray<{ readonly id: Uint8Array; readonly transports?: readonly Transport[] }>;
  /** Whether it must be found without being named: a passkey. */
  readonly discoverable: boolean;
}

/** `PublicKeyCredentialCreationOptionsJSON`, whose challenge has to be kept until it is answered. */
export async function creationOptions({ relyingParty, user, exclude, discoverable }: CreationOptions): Promise<{ readonly challenge: string }> {
  const { generateRegistrationOptions } = await import("@simplewebauthn/server");
  const name = user.email || user.phone || "";
  const own = user.raw_user_meta_data?.["name"];
  return generateRegistrationOptions({
    rpName: relyingParty.name,
    rpID: relyingParty.id,
    timeout: relyingParty.timeout,
    userID: new Uint8Array(Buffer.from(user.id)),
    userName: name,
    userDisplayName: typeof own === "string" && own !== "" ? own : name,
    attestationType: "none",
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: exclude.map(({ id, transports }) => ({ id: base64url(id), ...(transports && transports.length > 0 ? { transports: [...transports] } : {}) })),
    authenticatorSelection: { residentKey: discoverable ? "required" : "preferred", userVerification: "preferred" },
  });
}

/** What an answer must fit. */
export interface Expectation {
  readonly relyingParty: RelyingParty;
  readonly challenge: string;
}

/** @returns undefined for what is not an answer to this challenge, made for this application */
export async function verifyCreation({ id, type, response }: CreationResponse, { relyingParty, challenge }: Expectation): Promise<NewCredential | undefined> {
  const { verifyRegistrationResponse } = await import("@simplewebauthn/server");
  const verified = await verifyRegistrationResponse({
    response: { id, rawId: id, type, response: { ...response, transports: [...response.transports] }, clientExtensionResults: {} },
    expectedChallenge: challenge,
    expectedOrigin: [...relyingParty.origins],
    expectedRPID: relyingParty.id,
    requireUserVerification: false,
    supportedAlgorithmIDs: ALGORITHMS,
  }).catch(() => undefined);
  if (!verified?.verified) return undefined;
  const { credential, aaguid, fmt, credentialDeviceType, credentialBackedUp, userVerified } = verified.registrationInfo;
  if (credential.id !== id) return undefined;
  return {
    id: new Uint8Array(Buffer.from(credential.id, "base64url")),
    publicKey: credential.publicKey,
    signCount: credential.counter,
    backupEligible: credentialDeviceType === "multiDevice",
    backedUp: credentialBackedUp,
    aaguid,
    attestationType: fmt,
    transports: response.transports,
    userVerified,
  };
}

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
