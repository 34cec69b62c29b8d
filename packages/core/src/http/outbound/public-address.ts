import { BlockList, isIP } from "node:net";

/** IPv4 that leads to nobody in public: IANA's special-purpose registry (RFC 6890), multicast and what is reserved. */
const SPECIAL_IPV4 = subnets("ipv4", [
  ["0.0.0.0", 8], ["10.0.0.0", 8], ["100.64.0.0", 10], ["127.0.0.0", 8], ["169.254.0.0", 16], ["172.16.0.0", 12], ["192.0.0.0", 24], ["192.0.2.0", 24],
  ["192.88.99.0", 24], ["192.168.0.0", 16], ["198.18.0.0", 15], ["198.51.100.0", 24], ["203.0.113.0", 24], ["224.0.0.0", 3],
]);
/** All that is global of IPv6 (RFC 4291, 2.4). */
const GLOBAL_IPV6 = subnets("ipv6", [["2000::", 3]]);
/** And what of that is special: Teredo and the like, documentation, 6to4, which has IPv4 in it. */
const SPECIAL_IPV6 = subnets("ipv6", [["2001::", 23], ["2001:db8::", 32], ["2002::", 16], ["3fff::", 20]]);
/** IPv4 behind a translator (RFC 6052, 2.1), as URLs write it. */
const TRANSLATED = /^\[64:ff9b::([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/;

/** Whether an IP address may be anybody's on the public network. What is no IP address is not. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !SPECIAL_IPV4.check(address, "ipv4");
  if (family !== 6 || address.includes("%")) return false;
  const translated = translatedAddress(address);
  if (translated !== undefined) return isPublicAddress(translated);
  return GLOBAL_IPV6.check(address, "ipv6") && !SPECIAL_IPV6.check(address, "ipv6");
}

/** Whether an IP address is the machine itself. */
export function isLoopbackAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return address.startsWith("127.");
  return family === 6 && new URL(`http://[${address.split("%")[0]}]`).hostname === "[::1]";
}

function subnets(family: "ipv4" | "ipv6", all: ReadonlyArray<readonly [string, number]>): BlockList {
  const list = new BlockList();
  for (const [net, bits] of all) list.addSubnet(net, bits, family);
  return list;
}

function translatedAddress(address: string): string | undefined {
  const [, high, low] = TRANSLATED.exec(new URL(`http://[${address}]`).hostname) ?? [];
  if (high === undefined || low === undefined) return undefined;
  return [high, low].flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]).join(".");
}
