import { isLoopbackAddress, isPublicAddress } from "./public-address.ts";

/**
 * How far a request goes whose address somebody else than the host has named: to public addresses; to the machine itself
 * besides, as in development; or anywhere, private networks and metadata services of clouds included.
 */
export type OutboundReach = "public" | "loopback" | "anywhere";

const REACHES: Readonly<Record<OutboundReach, (address: string) => boolean>> = {
  public: isPublicAddress,
  loopback: (address) => isPublicAddress(address) || isLoopbackAddress(address),
  anywhere: () => true,
};

/** @param address an IP address */
export const isWithinReach = (reach: OutboundReach, address: string): boolean => REACHES[reach](address);

/** A connection that was not opened, because of where it would have led. Its message names nothing of what is there. */
export class OutOfReachError extends Error {
  override readonly name = "OutOfReachError";
  readonly code = "PLINTH_OUT_OF_REACH";

  constructor(host: string) {
    super(`${host} is no public address`);
  }
}

/** Whether that is why something failed, however deep. */
export function isOutOfReach(error: unknown): boolean {
  if (error instanceof OutOfReachError) return true;
  return error instanceof Error && error.cause !== undefined && isOutOfReach(error.cause);
}
