import { BackendError, type ErrorDefinition, STORE_ERRORS } from "@plinth/core";

const DEFINITIONS: Readonly<Record<string, ErrorDefinition>> = { ENOSPC: STORE_ERRORS.full, EDQUOT: STORE_ERRORS.full };

export const codeOf = (error: unknown): string | undefined => (error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined);

/** There is no file of that name, or what should be a directory above it isn't one. */
export const isAbsent = (error: unknown): boolean => codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR";

/** What the file system threw, as an `ObjectStore` says it. */
export function diskError(error: unknown): BackendError {
  if (error instanceof BackendError) return error;
  return new BackendError(DEFINITIONS[codeOf(error) ?? ""] ?? STORE_ERRORS.unavailable, { cause: error });
}

/** @throws BackendError for what the file system throws meanwhile */
export async function onDisk<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw diskError(error);
  }
}

/** @throws BackendError for anything but that there is no such file, which is `undefined` */
export async function ifPresent<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw diskError(error);
  }
}
