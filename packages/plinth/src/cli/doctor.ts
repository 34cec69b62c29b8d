import process from "node:process";
import { readConfig } from "../config/backend-config.ts";
import { BackendError } from "@plinth/core";
import { type Finding, problem } from "../doctor/check.ts";
import { examine } from "../doctor/examine.ts";
import { loadOptions } from "./load-options.ts";
import type { ServerFlags } from "./server-flags.ts";

const MARKS: Readonly<Record<Finding["status"], string>> = { ok: "ok      ", warning: "warning ", problem: "problem " };

/** `plinth doctor`: checks machine and configuration, says in words what is missing. Exit code 1 where something is. */
export async function doctor(flags: ServerFlags): Promise<number> {
  const findings = await examineOptions(flags);
  process.stdout.write(flags.json ? `${JSON.stringify(findings)}\n` : `${findings.map(describe).join("\n")}\n`);
  return findings.some(({ status }) => status === "problem") ? 1 : 0;
}

async function examineOptions(flags: ServerFlags): Promise<readonly Finding[]> {
  try {
    return await examine(readConfig(await loadOptions(flags), process.env), flags);
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    return [problem("Configuration", error.message, "See the options in the README and in docs/configuration.md.")];
  }
}

function describe({ status, title, message, hint }: Finding): string {
  return `${MARKS[status]} ${title}: ${message}${hint === undefined ? "" : `\n         → ${hint}`}`;
}
