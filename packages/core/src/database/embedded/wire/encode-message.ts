import { MESSAGE_HEADER } from "./message-type.ts";

/** One protocol message: type byte, length, body. */
export function encodeMessage(type: number, body: Uint8Array): Buffer {
  const message = Buffer.allocUnsafe(MESSAGE_HEADER + body.length);
  message[0] = type;
  message.writeInt32BE(4 + body.length, 1);
  message.set(body, MESSAGE_HEADER);
  return message;
}

/** Strings as the protocol has them: UTF-8, each ended by a zero byte. */
export function cStrings(...strings: readonly string[]): Buffer {
  return Buffer.from(strings.map((string) => `${string}\0`).join(""));
}

/** The string that begins at `offset`, up to its zero byte. */
export function readCString(bytes: Buffer, offset: number): string {
  return bytes.toString("utf8", offset, bytes.indexOf(0, offset));
}
