/** Bodies of up to that many bytes are read before anything else is done: they cost one round trip less. */
export const SMALL_BYTES = 65_536;
