#!/usr/bin/env node
// Starts the command as it was built; in a checkout that has not been built, the sources as they are.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

// Older ones fail on what they can't read, in words that don't help.
if (Number.parseInt(process.versions.node, 10) < 22) {
  process.stderr.write(`plinth: Node.js ${process.versions.node} is too old: 22 or later is needed.\n`);
  process.exit(1);
}

const built = new URL("../dist/cli/main.js", import.meta.url);
const source = new URL("../src/cli/main.ts", import.meta.url);
const inCheckout = existsSync(new URL("../tsconfig.build.json", import.meta.url));

if (inCheckout) {
  const child = spawn(process.execPath, ["--conditions=plinth-source", fileURLToPath(source), ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
} else {
  await import(built.href);
}
