import type { StorageConfig } from "../config/storage-options.ts";
import type { SignedClaims } from "../signed-urls/url-signer.ts";
import { formatTransformation, type Transformation } from "./transformation.ts";

/** What the token of an image says of it; nothing where nothing is to be changed, or may be. */
export function imageClaims({ imageTransformation }: StorageConfig, transform: Transformation | undefined): Pick<SignedClaims, "transformations" | "format"> {
  const transformations = transform === undefined || !imageTransformation.enabled ? "" : formatTransformation(transform);
  if (transformations === "") return {};
  return { transformations, ...(transform?.format === undefined ? {} : { format: transform.format }) };
}
