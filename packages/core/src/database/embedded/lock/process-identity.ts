import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Which process, so that it is told from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Boot and process namespace: only within one of these do process numbers mean anything. Empty where unknown. */
  readonly scope: string;
  /** When the process started, in clock ticks since boot; empty where the platform doesn't say. */
  readonly started: string;
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, host: hostname(), scope: ownScope(), started: startOf(process.pid) };
}

/** `unknown`: on another machine, in another container, or on a platform that doesn't say when a process started. */
export function isAlive(identity: ProcessIdentity): "alive" | "dead" | "unknown" {
  const own = ownIdentity();
  if (identity.host !== own.host || identity.scope !== own.scope) return "unknown";
  if (!processExists(identity.pid)) return "dead";
  if (identity.pid === own.pid && identity.started === own.started) return "alive";
  const started = startOf(identity.pid);
  if (started === "" || identity.started === "") return "unknown";
  return started === identity.started ? "alive" : "dead";
}

function ownScope(): string {
  const boot = "/proc/sys/kernel/random/boot_id";
  if (!existsSync(boot)) return "";
  return `${readFileSync(boot, "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
}

/** Field 22 of /proc/PID/stat (proc_pid_stat(5)); the second field may itself hold spaces and parentheses. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? "ended" : (rest[18] ?? "");
  } catch {
    return "";
  }
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
