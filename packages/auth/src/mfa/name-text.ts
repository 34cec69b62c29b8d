import { z } from "zod";

/** What is shown and indexed. */
const MAX_LENGTH = 255;

/** A name that may be left out, null or empty. PostgreSQL's texts have no NUL. */
export const nameText = (field: string) =>
  z
    .string()
    .max(MAX_LENGTH, `${field} must be ${MAX_LENGTH} characters or less`)
    .refine((text) => !text.includes("\0"), `${field} must not contain NUL`)
    .nullish()
    .transform((value) => value || undefined);
