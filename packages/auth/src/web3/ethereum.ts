import type { MessageRules } from "./sign-in-message.ts";

/** EIP-4361; the chain's number is that of EIP-155. */
export const ETHEREUM_MESSAGE: MessageRules = { chain: "Ethereum", address: /^0x[a-fA-F0-9]{40}$/, chainId: /^[1-9]\d{0,19}$/, chainIdRequired: true };

const SIGNATURE = /^(?:0x)?[0-9a-fA-F]{130}$/;
export const isEthereumSignature = (signature: string): boolean => SIGNATURE.test(signature);

/**
 * Whether the account signed the text (ERC-191, `personal_sign`): the key is recovered from the signature, and the address
 * made of it compared.
 *
 * @param signature 65 bytes as hex: r, s, and the recovery bit as 0, 1, 27 or 28
 */
export async function isSignedByEthereum(text: string, address: string, signature: string): Promise<boolean> {
  const [{ secp256k1 }, { keccak_256: keccak }] = await Promise.all([import("@noble/curves/secp256k1.js"), import("@noble/hashes/sha3.js")]);
  const bytes = Buffer.from(signature.replace(/^0x/, ""), "hex");
  const v = bytes[64] ?? 255;
  const recovery = v >= 27 ? v - 27 : v;
  if (recovery !== 0 && recovery !== 1) return false;
  const body = Buffer.from(text, "utf8");
  const hash = keccak(Buffer.concat([Buffer.from(`\x19Ethereum Signed Message:\n${body.length}`, "utf8"), body]));
  try {
    // Recovery bit first, as the library has it.
    const recovered = Buffer.concat([Buffer.from([recovery]), bytes.subarray(0, 64)]);
    const key = secp256k1.Signature.fromBytes(recovered, "recovered").recoverPublicKey(hash).toBytes(false);
    return Buffer.from(keccak(key.subarray(1)).subarray(12)).toString("hex") === address.slice(2).toLowerCase();
  } catch {
    return false;
  }
}

/** EIP-55: mixed case is a checksum, and must hold. Without any it says nothing. */
export async function hasEthereumChecksum(address: string): Promise<boolean> {
  const digits = address.slice(2);
  if (digits === digits.toLowerCase() || digits === digits.toUpperCase()) return true;
  const { keccak_256: keccak } = await import("@noble/hashes/sha3.js");
  const hash = Buffer.from(keccak(Buffer.from(digits.toLowerCase(), "ascii"))).toString("hex");
  return [...digits].every((digit, index) => /\d/.test(digit) || (Number.parseInt(hash[index]!, 16) >= 8) === (digit === digit.toUpperCase()));
}
