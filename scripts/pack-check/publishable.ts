import { globSync, readFileSync } from "node:fs";
import path from "node:path";

/** A workspace package that goes to npm. */
export interface Publishable {
  readonly name: string;
  /** Absolute. */
  readonly folder: string;
}

export const root = path.join(import.meta.dirname, "../..");

export function publishablePackages(): readonly Publishable[] {
  const manifests = globSync(["packages/*/package.json", "adapters/*/package.json"], { cwd: root });
  const packages = manifests.map((file) => ({ folder: path.join(root, path.dirname(file)), ...(JSON.parse(readFileSync(path.join(root, file), "utf8")) as { name: string; private?: boolean }) }));
  return packages.filter((manifest) => manifest.private !== true).map(({ name, folder }) => ({ name, folder }));
}
