import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";

/** Which ways to sign in the project has: for pages that offer them. */
export const settings = defineEndpoint({
  id: "auth.settings",
  method: "GET",
  path: "/settings",
  access: "open",
  handle: async ({ config }) => {
    const { email, phone, anonymousUsers, web3Solana, web3Ethereum, oidc, allowedIdTokenIssuers: _issuers, iosBundleId: _bundle, flowStateExpiryDuration: _expiry, ...providers } = config.external;
    const named = Object.entries(providers).map(([name, { enabled }]) => [snakeCase(name), enabled] as const);
    const further = Object.entries(oidc).map(([name, { enabled }]) => [name, enabled] as const);
    return json({
      external: { anonymous_users: anonymousUsers.enabled, email: email.enabled, phone: phone.enabled, web3_solana: web3Solana.enabled, web3_ethereum: web3Ethereum.enabled, ...Object.fromEntries([...named, ...further]) },
      disable_signup: config.disableSignup,
      mailer_autoconfirm: config.mailer.autoconfirm,
      phone_autoconfirm: config.sms.autoconfirm,
      sms_provider: config.sms.provider ?? "",
      saml_enabled: config.saml.enabled,
      saml_private_key_next_configured: false,
      passkeys_enabled: config.passkey.enabled,
    });
  },
});

/** As GoTrue spells it: `linkedin_oidc`. */
const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
