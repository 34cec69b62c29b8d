import { z } from "zod";

/** What is shown and indexed. */
const MAX_LENGTH = 255;

/** A name that may be left out, null or empty. */
export const nameText = (field: string) =>
  z
    .string()
    .max(MAX_LENGTH, `${field} must be ${MAX_LENGTH} characters or less`)
    .nullish()
    .transform((value) => value || undefined);
