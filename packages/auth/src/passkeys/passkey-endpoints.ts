import type { Endpoint } from "../endpoint/endpoint.ts";
import { deletePasskey, listPasskeys, updatePasskey } from "./manage-passkeys.ts";
import { passkeyAuthenticationOptions, passkeyAuthenticationVerify } from "./passkey-authentication.ts";
import { passkeyRegistrationOptions, passkeyRegistrationVerify } from "./passkey-registration.ts";

export const PASSKEY_ENDPOINTS: readonly Endpoint[] = [
  passkeyAuthenticationOptions, passkeyAuthenticationVerify,
  passkeyRegistrationOptions, passkeyRegistrationVerify,
  listPasskeys, updatePasskey, deletePasskey,
];
