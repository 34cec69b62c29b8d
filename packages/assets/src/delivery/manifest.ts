import type { ReplyHeaders } from "@plinth/core";
import type { SiteSettings } from "../config/assets-options.ts";
import type { HeaderRules } from "../rules/header-rules.ts";
import type { Redirects } from "../rules/redirects.ts";
import type { Encoding } from "./encoding.ts";

/** A file of the release that is served, with all that can be known of its answers. */
export interface SiteFile {
  readonly path: string;
  /** SHA-256 of its bytes, in hex. */
  readonly hash: string;
  /** What its bytes are called in the store. */
  readonly blob: string;
  readonly size: number;
  readonly type: string;
  readonly cacheControl: string;
  /** Of the compressed forms that there are. */
  readonly encoded: Readonly<Partial<Record<Encoding, number>>>;
  readonly updatedAt: Date;
  /** Of `_headers`. */
  readonly headers: ReadonlyMap<string, string>;
  /** Headers of answers that were given already, by their form: see `fileHeaders`. */
  readonly answered: Map<string, Readonly<ReplyHeaders>>;
}

/** What is served of a project. */
export interface Manifest {
  readonly revision: string;
  /** Undefined: nothing was published yet. */
  readonly releaseId: string | undefined;
  /** By path. */
  readonly files: ReadonlyMap<string, SiteFile>;
  readonly redirects: Redirects;
  readonly headerRules: HeaderRules;
  readonly settings: SiteSettings;
}

/** Files that say how others are served: never sent themselves. */
export const REDIRECTS_FILE = "_redirects";
export const HEADERS_FILE = "_headers";
export const isRulesFile = (path: string): boolean => path === REDIRECTS_FILE || path === HEADERS_FILE;
