import type { MessageRules } from "./sign-in-message.ts";

/** https://github.com/phantom/sign-in-with-solana */
export const SOLANA_MESSAGE: MessageRules = { chain: "Solana", address: /^[1-9A-HJ-NP-Za-km-z]{32,44}$/, chainId: /^$|^solana:(main|dev|test|local)net$/, chainIdRequired: false };

const SIGNATURE = /^[A-Za-z0-9+/_-]{86}(==)?$/;
export const isSolanaSignature = (signature: string): boolean => SIGNATURE.test(signature);

const KEY_BYTES = 32;
const DOMAIN_BYTES = 32;
const MAX_OFFCHAIN_LENGTH = 0xffff;

/**
 * Whether the account, whose address is its Ed25519 key, signed the text: as it is, or in the envelope that hardware
 * wallets put around it.
 *
 * @param signature 64 bytes as base64 or base64url
 */
export async function isSignedBySolana(text: string, { address, domain }: { readonly address: string; readonly domain: string }, signature: string): Promise<boolean> {
  const [{ ed25519 }, { base58 }] = await Promise.all([import("@noble/curves/ed25519.js"), import("@scure/base")]);
  try {
    const key = base58.decode(address);
    if (key.length !== KEY_BYTES) return false;
    const [bytes, body] = [Buffer.from(signature, "base64"), Buffer.from(text, "utf8")];
    // RFC 8032 to the letter: no keys of small order, whose signatures hold for anything.
    const verify = (message: Uint8Array): boolean => ed25519.verify(bytes, message, key, { zip215: false });
    return verify(body) || (body.length <= MAX_OFFCHAIN_LENGTH && verify(offchainMessage(body, domain, key)));
  } catch {
    return false;
  }
}

/** https://docs.anza.xyz/proposals/off-chain-message-signing, version 0: ASCII, one signer. */
function offchainMessage(body: Buffer, domain: string, key: Uint8Array): Buffer {
  const application = Buffer.alloc(DOMAIN_BYTES);
  application.write(domain, "utf8");
  const length = Buffer.alloc(2);
  length.writeUInt16LE(body.length);
  return Buffer.concat([Buffer.from("\xffsolana offchain\x00", "latin1"), application, Buffer.from([0, 1]), key, length, body]);
}
