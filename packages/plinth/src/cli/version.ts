import { readFileSync } from "node:fs";

/** Of this package. The manifest is as far from the sources as from what they are built to. */
export function version(): string {
  return (JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }).version;
}
