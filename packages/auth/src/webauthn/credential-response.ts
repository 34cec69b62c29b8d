import { z } from "zod";

// What `PublicKeyCredential.toJSON()` gives (WebAuthn Level 3, 5.1.8); whatever more a browser adds is left out.

const base64url = z.string().regex(/^[A-Za-z0-9_-]+=*$/).transform((text) => text.replace(/=+$/, ""));
const transports = z.array(z.enum(["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"])).nullish().catch(undefined).transform((list) => list ?? []);

/** With `rawId` where a client sends it: it says the same. */
const credential = { id: base64url, type: z.literal("public-key") };

export const creationResponseSchema = z.object({ ...credential, response: z.object({ clientDataJSON: base64url, attestationObject: base64url, transports }) });
export type CreationResponse = z.infer<typeof creationResponseSchema>;

export const assertionResponseSchema = z.object({
  ...credential,
  response: z.object({ clientDataJSON: base64url, authenticatorData: base64url, signature: base64url, userHandle: base64url.or(z.literal("")).nullish().transform((handle) => handle || undefined) }),
});
export type AssertionResponse = z.infer<typeof assertionResponseSchema>;
