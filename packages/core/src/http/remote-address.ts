export const REMOTE_ADDRESS: unique symbol = Symbol.for("plinth.request.remoteAddress");

/** A request whose adapter knows the connection that it came by. */
export interface AddressedRequest {
  /** IP address of the other end: a client's, or a proxy's. */
  readonly [REMOTE_ADDRESS]?: string | undefined;
}

/** IP address of whoever has sent the request; undefined in process, and where the adapter can't tell. */
export const remoteAddressOf = (request: Request): string | undefined => (request as AddressedRequest)[REMOTE_ADDRESS];
