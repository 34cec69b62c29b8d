import { type Finding, ok, problem } from "./check.ts";

const OLDEST_MAJOR = 22;

export function checkNode(version: string): Finding {
  const major = Number.parseInt(version.slice(1), 10);
  if (major >= OLDEST_MAJOR) return ok("Node.js", version);
  return problem("Node.js", `${version} is too old.`, `Install Node.js ${OLDEST_MAJOR} or later, or add it to the project: npm install --save-dev node@24`);
}
