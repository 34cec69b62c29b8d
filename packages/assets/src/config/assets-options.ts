import { z } from "zod";

const MIB = 1_048_576;

/** What a header may have in it. */
export const headerValue = z.string().max(1_000).regex(/^[\t\x20-\x7e]*$/, "has characters that no header may have");

/** Text that PostgreSQL takes. */
export const plainText = z.string().refine((text) => !/[\0\p{Surrogate}]/u.test(text), "has characters that no text may have");

const fallbackPath = plainText.min(1).max(1_024);

/** The settings that a project's service role may change itself. */
export const siteSettings = {
  /** Cache-Control of files that nothing else is said of. */
  cacheControl: headerValue.default("public, max-age=3600"),
  /** The same of HTML, which has to name the other files of the same release. */
  htmlCacheControl: headerValue.default("public, max-age=0, must-revalidate"),
  /** The file that is sent where there is none, with status 200: "index.html" for an application that routes in the browser. Null: none. */
  spaFallbackPath: fallbackPath.nullable().default(null),
  /** How many releases are kept beside the one that is served. */
  keptReleases: z.number().int().min(0).max(100).default(10),
};

/** What a project can say itself, in `settings.assets`. */
export const assetsOptionsSchema = z.strictObject({
  /** Whether Assets answers at all. */
  enabled: z.boolean().default(true),
  ...siteSettings,
  /** Largest file, in bytes. It is in memory while it is uploaded. */
  maxFileBytes: z.number().int().positive().max(512 * MIB).default(25 * MIB),
  maxFiles: z.number().int().positive().max(100_000).default(10_000),
  /** Largest release, in bytes, all its files together. */
  maxReleaseBytes: z.number().int().positive().default(500 * MIB),
  /**
   * How HTML goes out from an origin that has the API too: "sandbox" (without that origin's cookies and storage), or
   * "allow". From a host of the site's own it goes out as it is.
   */
  htmlOnSharedOrigin: z.enum(["sandbox", "allow"]).default("sandbox"),
});

export type AssetsOptions = z.input<typeof assetsOptionsSchema>;
export type AssetsConfig = Readonly<z.output<typeof assetsOptionsSchema>>;

/** What `PATCH /settings` takes: null takes the backend's again. */
export const siteSettingsPatch = z.strictObject({
  cacheControl: headerValue.nullable().optional(),
  htmlCacheControl: headerValue.nullable().optional(),
  spaFallbackPath: fallbackPath.nullable().optional(),
  keptReleases: z.number().int().min(0).max(100).nullable().optional(),
});

export type SiteSettings = Pick<AssetsConfig, keyof typeof siteSettings>;
