import { z } from "zod";
import type { Credential, NewCredential } from "../webauthn/credential.ts";

/**
 * A factor's credential as its column has it: GoTrue's JSON of one, whose bytes are base64
 * (go-webauthn, webauthn/credential.go), so that factors of a GoTrue database are taken as they are.
 */
const storedSchema = z.object({
  id: z.base64(),
  publicKey: z.base64(),
  flags: z.object({ backupEligible: z.boolean().default(false), backupState: z.boolean().default(false) }).prefault({}),
  authenticator: z.object({ signCount: z.number().default(0) }).prefault({}),
});

export const toStoredCredential = ({ id, publicKey, attestationType, transports, userVerified, backupEligible, backedUp, aaguid, signCount }: NewCredential): object => ({
  id: base64(id),
  publicKey: base64(publicKey),
  attestationType,
  transport: transports,
  flags: { userPresent: true, userVerified, backupEligible, backupState: backedUp },
  authenticator: { AAGUID: Buffer.from(aaguid.replaceAll("-", ""), "hex").toString("base64"), signCount, cloneWarning: false, attachment: "" },
});

/** @returns undefined where there is none that could be used */
export function toCredential(stored: unknown): Credential | undefined {
  const { data } = storedSchema.safeParse(stored);
  if (data === undefined) return undefined;
  return { id: bytes(data.id), publicKey: bytes(data.publicKey), signCount: data.authenticator.signCount, backupEligible: data.flags.backupEligible, backedUp: data.flags.backupState };
}

/** The JSON after a use. Nothing else of it changes. */
export function withUse(stored: Readonly<Record<string, unknown>>, { signCount, backedUp }: Pick<Credential, "signCount" | "backedUp">): object {
  return { ...stored, flags: { ...(stored["flags"] as object | undefined), backupState: backedUp }, authenticator: { ...(stored["authenticator"] as object | undefined), signCount } };
}

const base64 = (given: Uint8Array): string => Buffer.from(given).toString("base64");
const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, "base64"));
