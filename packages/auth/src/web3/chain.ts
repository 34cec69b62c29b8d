import { AuthError } from "../auth-error.ts";
import type { AuthConfig } from "../config/auth-options.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { ETHEREUM_MESSAGE, hasEthereumChecksum, isEthereumSignature, isSignedByEthereum } from "./ethereum.ts";
import { parseSignInMessage, type SignInMessage } from "./sign-in-message.ts";
import { isSignedBySolana, isSolanaSignature, SOLANA_MESSAGE } from "./solana.ts";

/** A chain whose wallets can sign in. */
export interface Chain {
  /** "Ethereum", as messages to users have it. */
  readonly title: string;
  readonly settings: (config: AuthConfig) => { readonly enabled: boolean; readonly maximumValidityDuration: number };
  readonly badSignature: string;
  isSignature(signature: string): boolean;
  parse(text: string): Promise<SignInMessage>;
  isSigned(text: string, message: SignInMessage, signature: string): Promise<boolean>;
  /** One spelling for each account. */
  canonicalAddress(address: string): string;
}

/** By `chain` of the request. */
export const CHAINS: Readonly<Record<string, Chain>> = {
  ethereum: {
    title: "Ethereum",
    settings: ({ external }) => external.web3Ethereum,
    badSignature: "signature must be 65 bytes long, encoded as a 130 character-long hexadecimal string",
    isSignature: isEthereumSignature,
    parse: async (text) => {
      const message = parseSignInMessage(text, ETHEREUM_MESSAGE);
      if (!(await hasEthereumChecksum(message.address))) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "wallet address has a wrong checksum" });
      return message;
    },
    isSigned: (text, { address }, signature) => isSignedByEthereum(text, address, signature),
    canonicalAddress: (address) => address.toLowerCase(),
  },
  solana: {
    title: "Solana",
    settings: ({ external }) => external.web3Solana,
    badSignature: "signature must be 64 bytes encoded as base64 with or without padding",
    isSignature: isSolanaSignature,
    parse: async (text) => parseSignInMessage(text, SOLANA_MESSAGE),
    isSigned: isSignedBySolana,
    canonicalAddress: (address) => address,
  },
};
