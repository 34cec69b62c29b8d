/** Codes in the place of a protocol version: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const CANCEL_REQUEST = 80_877_102;

/** The untyped packets that a connection begins with. */
export type StartupPacket =
  | { readonly kind: "startup"; readonly parameters: ReadonlyMap<string, string> }
  | { readonly kind: "encryption" }
  | { readonly kind: "cancel"; readonly processId: number; readonly secretKey: number };

/** @param packet with its length field */
export function readStartupPacket(packet: Buffer): StartupPacket {
  const code = packet.readInt32BE(4);
  if (code === SSL_REQUEST || code === GSS_REQUEST) return { kind: "encryption" };
  if (code === CANCEL_REQUEST) return { kind: "cancel", processId: packet.readInt32BE(8), secretKey: packet.readInt32BE(12) };
  return { kind: "startup", parameters: readParameters(packet) };
}

/** Pairs of strings, up to an empty one. */
function readParameters(packet: Buffer): Map<string, string> {
  const words = packet.toString("utf8", 8).split("\0");
  const parameters = new Map<string, string>();
  for (let i = 0; i + 1 < words.length && words[i] !== ""; i += 2) parameters.set(words[i] as string, words[i + 1] as string);
  return parameters;
}

/** Makes the packet with which a client starts; the worker introduces itself to its own backend so. */
export function encodeStartupPacket(parameters: Readonly<Record<string, string>>): Buffer {
  const body = Buffer.from(Object.entries(parameters).map(([name, value]) => `${name}\0${value}\0`).join("") + "\0");
  const packet = Buffer.alloc(8 + body.length);
  packet.writeInt32BE(packet.length, 0);
  packet.writeInt32BE(196_608, 4);
  packet.set(body, 8);
  return packet;
}

const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration as PostgreSQL's settings spell it ("30s", "500"), in milliseconds; undefined where it isn't one, or 0. */
export function readDuration(text: string | undefined): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(us|ms|s|min|h|d)?\s*$/.exec(text ?? "");
  const milliseconds = match ? Number(match[1]) * (UNITS[match[2] ?? "ms"] as number) : 0;
  return milliseconds > 0 ? milliseconds : undefined;
}
