import { isIPv6 } from "node:net";

/**
 * Whose requests are counted together: an IPv4 address, or the /64 of an IPv6 one, which is what a single customer is
 * given (RFC 6177) and can choose 2^64 addresses from.
 */
export function addressGroup(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = "", tail] = (address.split("%")[0] ?? "").split("::");
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const all = [...before, ...Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => "0"), ...after];
  return `${all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}

const groups = (text: string): readonly string[] => (text === "" ? [] : text.split(":").flatMap((part) => (part.includes(".") ? ["0", "0"] : [part])));
