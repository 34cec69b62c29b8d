import { BackendError } from "@plinth/core";
import { z } from "zod";
import { headerValue } from "../config/assets-options.ts";
import { ASSETS_ERRORS } from "../errors.ts";

/** A file's bytes in JSON: text, or anything in base 64. */
export const fileBody = {
  content: z.string(),
  encoding: z.enum(["utf8", "base64"]).default("utf8"),
  cacheControl: headerValue.optional(),
};

/** @throws BackendError PLINTH_ASSETS_INVALID_REQUEST where it isn't base 64, or is text that has no bytes */
export function bytesOf(content: string, encoding: "utf8" | "base64"): Uint8Array {
  if (encoding === "utf8") {
    if (/\p{Surrogate}/u.test(content)) throw new BackendError(ASSETS_ERRORS.invalidRequest, { message: "body/content: has halves of characters" });
    return Buffer.from(content);
  }
  const compact = content.replace(/\s+/g, "");
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(compact) || compact.replace(/=+$/, "").length % 4 === 1) throw new BackendError(ASSETS_ERRORS.invalidRequest, { message: "body/content: is not base64" });
  return Buffer.from(compact, "base64");
}
