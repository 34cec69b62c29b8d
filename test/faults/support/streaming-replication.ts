import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { accessSync, appendFileSync, chownSync, constants, globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { until } from "../../scenarios/support/until.ts";

const PASSWORD = "replication-test";
const SETTINGS = ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "max_connections=60", "-c", "wal_level=replica", "-c", "max_wal_senders=4"];

/** One of two servers, the second of which follows the first. */
export interface ReplicationServer {
  readonly port: number;
  /** Connects as superuser. */
  readonly url: string;
  sql(text: string): Promise<readonly Record<string, unknown>[]>;
  /** As a crash would. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export interface Replication {
  readonly primary: ReplicationServer;
  readonly replica: ReplicationServer;
  close(): Promise<void>;
}

/** A folder with `initdb`, `postgres` and `pg_basebackup`; undefined where there is none: the npm package lacks the last. */
export function findReplicationBinaries(): string | undefined {
  const debian = globSync("/usr/lib/postgresql/*/bin").toSorted((a, b) => parseInt(b.split("/")[4] ?? "", 10) - parseInt(a.split("/")[4] ?? "", 10));
  return [...debian, ...(process.env["PATH"] ?? "").split(path.delimiter)].find((folder) => ["initdb", "postgres", "pg_basebackup"].every((name) => isExecutable(path.join(folder, name))));
}

/** Two servers on loopback ports, the second made of the first by pg_basebackup and following it. */
export async function startReplication(binaries: string): Promise<Replication> {
  const folder = mkdtempSync(path.join(tmpdir(), "plinth-replication-"));
  const user = unprivilegedUser();
  const own = (file: string): void => void (user && chownSync(file, user.uid, user.gid));
  own(folder);
  const run = (name: string, options: readonly string[]): void => void execFileSync(path.join(binaries, name), options, { ...user, cwd: folder, stdio: "ignore", env: { ...process.env, PGPASSWORD: PASSWORD } });

  const passwordFile = path.join(folder, "password");
  writeFileSync(passwordFile, PASSWORD);
  own(passwordFile);
  const [primaryData, replicaData] = [path.join(folder, "primary"), path.join(folder, "replica")];
  run("initdb", [`--pgdata=${primaryData}`, "--username=postgres", "--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--no-sync"]);
  appendFileSync(path.join(primaryData, "pg_hba.conf"), "host replication all 127.0.0.1/32 scram-sha-256\n");
  const server = (data: string, port: number): ReplicationServer => serverOf(path.join(binaries, "postgres"), data, port, { ...user, cwd: folder });
  const primary = server(primaryData, await freePort());
  await primary.start();
  run("pg_basebackup", ["-h", "127.0.0.1", "-p", String(primary.port), "-U", "postgres", "-D", replicaData, "-R", "-X", "stream", "-c", "fast", "--no-sync"]);
  const replica = server(replicaData, await freePort());
  await replica.start();
  const close = async (): Promise<void> => {
    await replica.stop();
    await primary.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { primary, replica, close };
}

function serverOf(program: string, data: string, port: number, options: { readonly uid?: number; readonly gid?: number; readonly cwd: string }): ReplicationServer {
  const url = `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`;
  let child: ChildProcess | undefined;
  const sql = async (text: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  };
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => child?.once("exit", resolve));
    if (child?.kill("SIGQUIT")) await ended;
    child = undefined;
  };
  const start = async (): Promise<void> => {
    child = spawn(program, ["-D", data, "-p", String(port), "-k", options.cwd, ...SETTINGS], { ...options, stdio: "ignore" });
    await until(() => sql("select 1").then(() => true, () => false), 30_000);
  };
  return { port, url, sql, stop, start };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** PostgreSQL doesn't run as root. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (option: string): number => Number(execFileSync("id", [option, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
