/** How a session was made or raised: `amr` of access tokens (RFC 8176 has the idea, GoTrue the names). */
export type AuthenticationMethod =
  | "password" | "otp" | "oauth" | "totp" | "mfa/phone" | "mfa/webauthn" | "sso/saml" | "anonymous" | "web3" | "passkey"
  | "magiclink" | "recovery" | "invite" | "email/signup" | "email_change" | "token_refresh" | "oauth_provider/authorization_code";

const SECOND_FACTORS: ReadonlySet<string> = new Set<AuthenticationMethod>(["totp", "mfa/phone", "mfa/webauthn"]);

export const isSecondFactor = (method: string): boolean => SECOND_FACTORS.has(method);
