import { lookup as resolve, type LookupAddress } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { isWithinReach, OutOfReachError, type OutboundReach } from "./outbound-reach.ts";

/**
 * Resolves names for a connection, which goes to the very addresses that were looked at: a name that leads elsewhere the
 * next time gains nothing by that. A name with one address out of reach is refused as a whole.
 */
export function guardedLookup(reach: OutboundReach): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return done(error, "", 0);
      const [first] = found;
      if (first === undefined || !areWithin(reach, found)) return done(new OutOfReachError(hostname), "", 0);
      return options.all ? done(null, found) : done(null, first.address, first.family);
    });
  };
}

const areWithin = (reach: OutboundReach, found: readonly LookupAddress[]): boolean => found.every(({ address }) => isWithinReach(reach, address));

/** IP addresses are connected to without any lookup. @param host of a URL, or without brackets @throws OutOfReachError */
export function checkLiteral(reach: OutboundReach, host: string): void {
  const address = host.replace(/^\[|\]$/g, "");
  if (isIP(address) !== 0 && !isWithinReach(reach, address)) throw new OutOfReachError(host);
}
