import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { accessSync, chownSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { until } from "./until.ts";

/** A PgBouncer in transaction pooling before a server, on a loopback port. */
export interface PgBouncer {
  /** Without login and database: `postgres://127.0.0.1:port`. */
  readonly url: string;
  /** Ends it; `start()` brings it back on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Ends it and removes its files. */
  close(): Promise<void>;
}

/** The program, on PATH or where Debian puts it, which isn't on everybody's. */
export function findPgBouncer(): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(path.delimiter), "/usr/sbin", "/usr/local/sbin"];
  return folders.map((folder) => path.join(folder, "pgbouncer")).find(isExecutable);
}

/** Server connections of each login and database: fewer than clients, so that these share them. */
const POOL_SIZE = 2;

/** @param serverUrl of a superuser, by whom logins are looked up */
export async function startPgBouncer(program: string, serverUrl: string): Promise<PgBouncer> {
  const { hostname, port: serverPort, username, password } = new URL(serverUrl);
  const [user, port] = [unprivilegedUser(), await freePort()];
  const folder = mkdtempSync(path.join(tmpdir(), "plinth-pgbouncer-"));
  const file = (name: string, text: string): string => {
    const written = path.join(folder, name);
    writeFileSync(written, text, { mode: 0o600 });
    if (user) chownSync(written, user.uid, user.gid);
    return written;
  };
  if (user) chownSync(folder, user.uid, user.gid);
  const users = file("users.txt", `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"\n`);
  const config = file(
    "pgbouncer.ini",
    `[databases]
* = host=${hostname} port=${serverPort || 5432}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
auth_user = ${decodeURIComponent(username)}
auth_query = SELECT usename, passwd FROM pg_catalog.pg_shadow WHERE usename = $1
pool_mode = transaction
default_pool_size = ${POOL_SIZE}
server_login_retry = 1
logfile = ${path.join(folder, "log")}
`,
  );

  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn(program, ["-q", config], { ...user, cwd: folder, stdio: "ignore" });
    await until(() => accepts(port));
  };
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => child?.once("exit", resolve));
    if (child?.kill("SIGKILL")) await ended;
  };
  await start();
  const close = async (): Promise<void> => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: `postgres://127.0.0.1:${port}`, start, stop, close };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** PgBouncer doesn't run as root. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (option: string): number => Number(execFileSync("id", [option, "nobody"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

async function freePort(): Promise<number> {
  const probe = net.createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as net.AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
