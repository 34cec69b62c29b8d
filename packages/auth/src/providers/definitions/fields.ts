import { z } from "zod";

/** A user's id at a provider: a number with some, a text with us. */
export const idField = z.union([z.string().min(1), z.number()]).transform(String);
/** A text that may be missing, null or empty. */
export const textField = z.string().nullish().transform((value) => value || undefined);
/** True as a boolean or as text: providers do both. */
export const flagField = z.union([z.boolean(), z.string(), z.number()]).nullish().transform((value) => value === true || value === "true" || value === "1" || value === 1);

/** Parts of a name as one. */
export const joinedName = (...parts: ReadonlyArray<string | undefined>): string => parts.filter(Boolean).join(" ");
