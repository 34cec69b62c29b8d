import { z } from "zod";

const masterKey = z.string().min(32, "must have 32 characters at least");

/** Options of the keys that secrets are sealed with. */
export const masterKeyOptions = {
  masterKey: masterKey.optional(),
  previousMasterKeys: z.array(masterKey).default([]),
};

/** One to a line, since a passphrase may have anything else in it. */
export function readMasterKeys(text: string | undefined): string[] {
  return (text ?? "").split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "");
}
