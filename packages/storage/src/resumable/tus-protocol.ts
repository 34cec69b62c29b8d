import { reply } from "@plinth/core";

/** https://tus.io/protocols/resumable-upload, 1.0.0. */
export const TUS_VERSION = "1.0.0";

export const TUS_EXTENSIONS = "creation,creation-with-upload,creation-defer-length,termination,expiration";

/** Of a PATCH's body, and of a POST's that brings bytes. */
export const TUS_CONTENT_TYPE = "application/offset+octet-stream";

/** On every answer. Pages of other origins may read what the protocol tells them. */
export const TUS_HEADERS = {
  "Tus-Resumable": TUS_VERSION,
  "Cache-Control": "no-store",
  "Access-Control-Expose-Headers": "Location, Tus-Extension, Tus-Max-Size, Tus-Resumable, Tus-Version, Upload-Defer-Length, Upload-Expires, Upload-Length, Upload-Metadata, Upload-Offset",
} as const;

export const tusReply = (status: number, headers: Readonly<Record<string, string>> = {}): Response => reply(null, { status, headers: { ...TUS_HEADERS, ...headers } });

/** When an upload ends, as its header has it (RFC 9110, 5.6.7). */
export const expiresHeader = ({ expires_at }: { readonly expires_at: string }): Readonly<Record<string, string>> => ({ "Upload-Expires": new Date(expires_at).toUTCString() });
