import { type Captures, fillIn } from "../rules/path-pattern.ts";
import { decoded, isLoop, type Redirect } from "../rules/redirects.ts";
import { isRulesFile, type Manifest, type SiteFile } from "./manifest.ts";

/** What an answer is made of, if of anything. */
type Found = Extract<Resolution, { readonly kind: "file" | "nothing" }>;

/** What a path leads to. */
export type Resolution =
  | { readonly kind: "file"; readonly file: SiteFile; readonly status: 200 | 404; readonly variesByAccept?: true }
  /** To the same place with or without a slash at its end: `to` is relative to the path. */
  | { readonly kind: "slash"; readonly to: string }
  | { readonly kind: "redirect"; readonly redirect: Redirect; readonly captures: Captures }
  | { readonly kind: "nothing"; readonly variesByAccept?: true };

/**
 * @param path decoded, without the slash at its beginning
 * @param isPage whether a page is asked for, rather than a part of one
 */
export function resolvePath(manifest: Manifest, path: string, isPage: boolean): Resolution {
  const forced = manifest.redirects.find(`/${path}`, true);
  if (forced !== undefined && !isLoop(forced.redirect, forced.captures, `/${path}`)) return byRule(manifest, forced);
  const found = fileAt(manifest, path);
  if (found !== undefined) return found;
  const rule = manifest.redirects.find(`/${path}`, false);
  return rule === undefined || isLoop(rule.redirect, rule.captures, `/${path}`) ? fallBack(manifest, path, isPage) : byRule(manifest, rule);
}

function fileAt(manifest: Manifest, path: string): Resolution | undefined {
  const at = (candidate: string): SiteFile | undefined => (isRulesFile(candidate) ? undefined : manifest.files.get(candidate));
  const send = (file: SiteFile): Resolution => ({ kind: "file", file, status: 200 });
  if (path === "" || path.endsWith("/")) {
    const index = at(`${path}index.html`);
    if (index !== undefined) return send(index);
    const name = path.slice(0, -1);
    return name !== "" && at(`${name}.html`) !== undefined ? { kind: "slash", to: `../${lastPart(name)}` } : undefined;
  }
  const file = at(path) ?? at(`${path}.html`);
  if (file !== undefined) return send(file);
  return at(`${path}/index.html`) === undefined ? undefined : { kind: "slash", to: `./${lastPart(path)}/` };
}

const lastPart = (path: string): string => encodeURIComponent(path.slice(path.lastIndexOf("/") + 1));

function byRule(manifest: Manifest, { redirect, captures }: { readonly redirect: Redirect; readonly captures: Captures }): Resolution {
  if (redirect.status !== 200 && redirect.status !== 404) return { kind: "redirect", redirect, captures };
  const target = fillIn(decoded(redirect.to.replace(/[?#].*$/s, "")), captures).replace(/^\/+/, "");
  const found = fileAt(manifest, target);
  return found?.kind === "file" ? { ...found, status: redirect.status } : notFound(manifest, target);
}

/** An application routes its pages itself; a script or picture that isn't there is not to be answered with a page. */
function fallBack(manifest: Manifest, path: string, isPage: boolean): Resolution {
  const fallback = manifest.settings.spaFallbackPath;
  const name = fallback?.replace(/^\/+/, "");
  const file = name === undefined || isRulesFile(name) ? undefined : manifest.files.get(name);
  const hasExtension = /\.[^/]*$/.test(path);
  if (file === undefined) return notFound(manifest, path);
  if (!hasExtension) return { kind: "file", file, status: 200 };
  const found: Found = isPage ? { kind: "file", file, status: 200 } : notFound(manifest, path);
  return { ...found, variesByAccept: true };
}

/** The nearest 404.html, from the path's folder upwards. */
function notFound({ files }: Manifest, path: string): Found {
  const parts = path.split("/").slice(0, 64);
  for (let depth = parts.length - 1; depth >= 0; depth--) {
    const file = files.get([...parts.slice(0, depth), "404.html"].join("/"));
    if (file !== undefined) return { kind: "file", file, status: 404 };
  }
  return { kind: "nothing" };
}
