import { getUser } from "./account/get-user.ts";
import { logout } from "./account/logout.ts";
import { magiclink, otp } from "./account/otp.ts";
import { reauthenticate } from "./account/reauthenticate.ts";
import { recover } from "./account/recover.ts";
import { resend } from "./account/resend.ts";
import { signup } from "./account/signup.ts";
import { updateUser } from "./account/update-user/update-user.ts";
import { ADMIN_ENDPOINTS } from "./admin/admin-endpoints.ts";
import type { Endpoint } from "./endpoint/endpoint.ts";
import { OAUTH_SERVER_ENDPOINTS } from "./oauth-server/oauth-server-endpoints.ts";
import { MFA_ENDPOINTS } from "./mfa/mfa-endpoints.ts";
import { PASSKEY_ENDPOINTS } from "./passkeys/passkey-endpoints.ts";
import { PROVIDER_ENDPOINTS } from "./providers/provider-endpoints.ts";
import { health } from "./public/health.ts";
import { settings } from "./public/settings.ts";
import { SSO_ENDPOINTS } from "./sso/sso-endpoints.ts";
import { token } from "./sign-in/token.ts";
import { verify } from "./verify/verify.ts";
import { verifyLink } from "./verify/verify-link.ts";

/** Every endpoint below `/auth/v1`, but for the key set, which core answers. */
export const ENDPOINTS: readonly Endpoint[] = [
  health, settings,
  signup, token,
  otp, magiclink, recover, resend, verify, verifyLink,
  getUser, updateUser, reauthenticate, logout,
  ...PROVIDER_ENDPOINTS,
  ...MFA_ENDPOINTS,
  ...PASSKEY_ENDPOINTS,
  ...ADMIN_ENDPOINTS,
  ...OAUTH_SERVER_ENDPOINTS, ...SSO_ENDPOINTS,
];
