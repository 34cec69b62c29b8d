import { z } from "zod";
import { AuthError, OAuthError } from "../auth-error.ts";
import { checkBody, optionalText } from "../endpoint/read-json.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { profileClaims } from "../identities/external-profile.ts";
import type { ExternalUser } from "../identities/sign-in-with-identity.ts";
import { verifyCaptcha } from "../protection/verify-captcha.ts";
import { siteUrlOf } from "../redirects/redirect-target.ts";
import { CHAINS } from "../web3/chain.ts";
import { checkMessage } from "../web3/check-message.ts";
import type { SignInMessage } from "../web3/sign-in-message.ts";
import { useMessage } from "../web3/use-message.ts";
import type { Grant } from "./grant.ts";
import { signInExternal } from "./sign-in-external.ts";

const bodySchema = z.object({ chain: optionalText, message: optionalText, signature: optionalText });

/** Signs in with what a wallet has signed (internal/api/web3.go). */
export const web3Grant: Grant = {
  rateLimit: "web3",
  handle: async (call, given) => {
    const { web3Ethereum, web3Solana } = call.config.external;
    if (!web3Ethereum.enabled && !web3Solana.enabled) throw new AuthError(AUTH_ERRORS.web3ProviderDisabled);
    await verifyCaptcha(call, given);
    const { chain: name = "", message: text = "", signature = "" } = checkBody(given, bodySchema);
    const chain = Object.hasOwn(CHAINS, name) ? CHAINS[name] : undefined;
    if (chain === undefined) throw new AuthError(AUTH_ERRORS.web3UnsupportedChain);
    const { title } = chain;
    const { enabled, maximumValidityDuration: maximumValidity } = chain.settings(call.config);
    if (!enabled) throw new AuthError(AUTH_ERRORS.web3ProviderDisabled, { message: `${title} Web3 provider is disabled` });
    if (!chain.isSignature(signature)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: chain.badSignature });
    const message = await chain.parse(text);
    if (!(await chain.isSigned(text, message, signature))) throw new OAuthError("invalid_grant", "Signature does not match address in message");
    checkMessage(message, { title, maximumValidity, siteUrl: await siteUrlOf(call), allowList: call.config.uriAllowList });
    await call.db((db) => useMessage(call, db, text));
    return json(await signInExternal(call, toExternal(name, message, chain.canonicalAddress(message.address)), "web3"));
  },
};

const toExternal = (chain: string, { domain, statement, chainId }: SignInMessage, address: string): ExternalUser => ({
  provider: "web3",
  emailOptional: true,
  profile: { emails: [], claims: profileClaims(`web3:${chain}:${address}`, { custom_claims: { address, chain, network: chainId ?? "", domain, statement: statement ?? "" } }) },
});
