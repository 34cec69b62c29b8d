import type { SiteSettings } from "../config/assets-options.ts";
import { isHtml } from "./content-type.ts";

/** A year, which is as long as anything is asked for. */
const IMMUTABLE = "public, max-age=31536000, immutable";

/** The part of a name that a bundler makes of a file's content, before the extension. */
const SUFFIX = /[.-]([A-Za-z0-9_]{8,64})(?:\.(?:chunk|bundle|min|module))?\.[A-Za-z0-9]{1,10}(?:\.map)?$/;

/**
 * Whether a file's name changes with its content. Only what words don't look like counts: hex of eight digits and more
 * (webpack, Next.js, Parcel), eight characters of base 64 with large and small letters and digits (Vite, Rollup), or of
 * base 32 (esbuild). What it misses is asked for again now and then; what it took wrongly would be kept for a year.
 */
export function isHashed(path: string): boolean {
  const token = SUFFIX.exec(path)?.[1];
  if (token === undefined || !/\d/.test(token)) return false;
  if (/^[0-9a-f]+$/.test(token)) return /[a-f]/.test(token);
  return token.length === 8 && /[A-Z]/.test(token) && (/[a-z]/.test(token) || /^[A-Z2-7]+$/.test(token));
}

/** @param own what was said of this one file when it was uploaded */
export function cachePolicy(path: string, type: string, own: string | null, settings: SiteSettings): string {
  if (own !== null) return own;
  if (isHtml(type)) return settings.htmlCacheControl;
  return isHashed(path) ? IMMUTABLE : settings.cacheControl;
}
