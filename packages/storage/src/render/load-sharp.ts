import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";

export type SharpLibrary = typeof import("sharp").default;

/** What sharp and libvips it is: bytes of an image differ between them. */
export interface ImageLibrary {
  readonly sharp: SharpLibrary;
  readonly version: string;
}

/** Native and large, and not every project has images: an optional peer, loaded with the first of them. @throws StorageError ImageLibraryMissing */
export async function loadSharp(): Promise<ImageLibrary> {
  try {
    const { default: sharp } = await import("sharp");
    return { sharp, version: `${sharp.versions.sharp ?? ""}/${sharp.versions.vips}` };
  } catch (cause) {
    // Where the package is there but not its binary for this machine, its own words say what to install.
    throw new StorageError(STORAGE_ERRORS.noImageLibrary, { cause });
  }
}
