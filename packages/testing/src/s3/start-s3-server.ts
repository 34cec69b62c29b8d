import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { accessSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "../free-port.ts";
import { cephConf } from "./ceph-conf.ts";

/** A running S3-compatible server for tests. */
export interface S3Server {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Ends it and deletes its data. */
  stop(): Promise<void>;
}

/** What Debian's packages radosgw, ceph-mon, ceph-osd and ceph-common bring. */
const PROGRAMS = ["monmaptool", "ceph-mon", "ceph-osd", "ceph", "radosgw", "radosgw-admin"];

const ATTEMPTS = 3;

/** How long each daemon may take; usually it is a few seconds. */
const PATIENCE_MS = 25_000;

const run = promisify(execFile);

/** Ends the daemon when its standard input ends, as it does when the parent process does, however that ends. */
const WATCHDOG = '"$@" </dev/null >/dev/null 2>&1 & daemon=$!; cat >/dev/null; kill -KILL $daemon; wait $daemon';

/** Why no server can be started on this machine; undefined where one can. */
export function whyNoS3Server(): string | undefined {
  const missing = PROGRAMS.filter((program) => !isInstalled(program));
  return missing.length === 0 ? undefined : `Ceph's ${missing.join(", ")} not found: apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common`;
}

/**
 * Ceph's object gateway, in memory, on a loopback port of its own; it ends with this process. Takes some seconds.
 *
 * @throws Error where it doesn't start
 */
export async function startS3Server(): Promise<S3Server> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce();
    } catch (error) {
      // Its daemons sometimes don't find each other; begun anew, they do.
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function startOnce(): Promise<S3Server> {
  const folder = mkdtempSync(path.join(tmpdir(), "plinth-s3-"));
  const daemons: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(daemons.map(end));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { ...(await startCeph(folder, daemons)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startCeph(folder: string, daemons: ChildProcess[]): Promise<Omit<S3Server, "stop">> {
  const ports = { monitor: await freePort(), gateway: await freePort() };
  const fsid = randomUUID();
  const conf = path.join(folder, "ceph.conf");
  for (const name of ["mon", "osd", "rgw"]) mkdirSync(path.join(folder, name));
  writeFileSync(conf, cephConf(folder, fsid, ports));
  const map = path.join(folder, "mon.map");
  const ceph = (...command: string[]): Promise<string> => ask(["-c", conf, "--connect-timeout", "20", ...command]);

  await run("monmaptool", ["--create", "--addv", "a", `v1:127.0.0.1:${ports.monitor}`, "--fsid", fsid, map]);
  await run("ceph-mon", ["-c", conf, "-i", "a", "--mkfs", "--monmap", map]);
  daemons.push(daemon("ceph-mon", "-c", conf, "-i", "a", "-f"));
  const osd = randomUUID();
  await ceph("osd", "new", osd);
  await run("ceph-osd", ["-c", conf, "-i", "0", "--mkfs", "--osd-uuid", osd]);
  await ceph("osd", "crush", "add", "osd.0", "1.0", "root=default", "host=h");
  daemons.push(daemon("ceph-osd", "-c", conf, "-i", "0", "-f"));
  await until("storage daemon", async () => (await ceph("osd", "stat")).includes("1 up"));
  daemons.push(daemon("radosgw", "-c", conf, "-n", "client.rgw.a", "-f"));
  const endpoint = `http://127.0.0.1:${ports.gateway}`;
  await until("object gateway", () => fetch(endpoint).then(() => true, () => false));
  const keys = { accessKeyId: randomBytes(10).toString("hex").toUpperCase(), secretAccessKey: randomBytes(20).toString("hex") };
  await run("radosgw-admin", ["-c", conf, "user", "create", "--uid=test", "--display-name=test", `--access-key=${keys.accessKeyId}`, `--secret=${keys.secretAccessKey}`]);
  return { endpoint, ...keys };
}

/** A monitor that has just begun refuses what it takes a moment later. */
async function ask(command: string[]): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (await run("ceph", command)).stdout;
    } catch (error) {
      if (attempt === 5) throw error;
      await sleep(200);
    }
  }
}

const daemon = (...command: string[]): ChildProcess => {
  // Detached: Ctrl-C reaches this process alone, and the watchdog ends the daemon after it.
  const child = spawn("/bin/sh", ["-c", WATCHDOG, "sh", ...command], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  child.unref();
  return child;
};

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.ref();
  child.stdin?.end();
  await ended;
}

async function until(what: string, isReady: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !(await isReady()); await sleep(100)) {
    if (Date.now() > deadline) throw new Error(`Ceph's ${what} wasn't ready within ${PATIENCE_MS} ms.`);
  }
}

function isInstalled(program: string): boolean {
  return ["/usr/bin", "/usr/local/bin", "/usr/sbin"].some((folder) => {
    try {
      accessSync(path.join(folder, program));
      return true;
    } catch {
      return false;
    }
  });
}
