import { readdirSync, readFileSync } from "node:fs";
import pg from "pg";

export interface ProcessorTime {
  /** Milliseconds of all the server's processes, those that have ended included. */
  readonly server: number;
  /** Milliseconds of this process. */
  readonly here: number;
}

/** Clock ticks a second in /proc, on every Linux of today. */
const TICKS = 100;

/** Looks at the processes of a server on this machine, by a superuser's URL. */
export async function processorTime(url: string): Promise<() => ProcessorTime> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ file: string }>("select pg_read_file('postmaster.pid') as file");
  await client.end();
  const postmaster = Number.parseInt(rows[0]!.file, 10);
  return () => {
    const { user, system } = process.cpuUsage();
    return { server: (ticksOf(postmaster) * 1_000) / TICKS, here: (user + system) / 1_000 };
  };
}

/** Of a process, those that it has waited for, and those that it still has. */
function ticksOf(parent: number): number {
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(statOf);
  return processes.filter(({ pid, parent: of }) => pid === parent || of === parent).reduce((sum, { own, ended, pid }) => sum + own + (pid === parent ? ended : 0), 0);
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: fields 4, and 14 to 17, of which the second may hold spaces. */
function statOf(pid: string): { readonly pid: number; readonly parent: number; readonly own: number; readonly ended: number } {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ").map(Number);
    const [parent = 0, user = 0, system = 0, endedUser = 0, endedSystem = 0] = [1, 11, 12, 13, 14].map((place) => fields[place]);
    return { pid: Number(pid), parent, own: user + system, ended: endedUser + endedSystem };
  } catch {
    return { pid: Number(pid), parent: 0, own: 0, ended: 0 };
  }
}
