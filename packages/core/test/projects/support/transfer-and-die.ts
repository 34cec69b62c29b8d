import { createReadStream } from "node:fs";
import { openMetadata } from "../../../src/metadata/metadata.ts";
import { createProjects } from "../../../src/projects/control-plane.ts";
import type { DatabaseHost } from "../../../src/projects/database-host.ts";
import { NativeHost } from "../../../src/projects/native/native-host.ts";
import { createKeyRing } from "../../../src/secrets/key-ring.ts";
import { dyingHost } from "./dying-host.ts";
import { hostWith } from "./host-with.ts";

/** What is done, and when the process kills itself: at work on the first host or the second, or when bytes were read. */
export interface FatalTransfer {
  readonly urls: readonly [string, string];
  readonly masterKey: string;
  readonly ref: string;
  /** A file to import, instead of moving to the second host. */
  readonly file?: string;
  readonly on: "first" | "second" | "bytes";
  /** As `dyingHost` takes it, or `opening N`: when the owner's connection is asked for the N-th time; of bytes, a number. */
  readonly moment: string;
}

/** `node transfer-and-die.ts JSON` */
const { urls, masterKey, ref, file, on, moment } = JSON.parse(process.argv[2] as string) as FatalTransfer;

function mortal(host: DatabaseHost): DatabaseHost {
  const count = /^opening (\d+)$/.exec(moment)?.[1];
  if (count === undefined) return dyingHost(host, moment);
  let openings = 0;
  return hostWith(host, {
    openOwner: (location) => {
      if (++openings === Number(count)) process.kill(process.pid, "SIGKILL");
      return host.openOwner(location);
    },
  });
}

async function* deadlyBytes(source: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > limit) process.kill(process.pid, "SIGKILL");
    yield chunk;
  }
}

const keyRing = await createKeyRing({ masterKey });
const metadata = await openMetadata({ config: { connectionString: urls[0] } }, keyRing);
const [first, second] = [new NativeHost({ adminUrl: urls[0] }), new NativeHost({ adminUrl: urls[1], cluster: "two" })];
const projects = createProjects({ metadata, keyRing, host: on === "first" ? mortal(first) : first, otherHosts: [on === "second" ? mortal(second) : second], drainMs: 0 });
if (file === undefined) await projects.move(ref, { cluster: "two" });
else await projects.import(on === "bytes" ? deadlyBytes(createReadStream(file, { highWaterMark: 4_096 }), Number(moment)) : createReadStream(file), { ref, cluster: "two" });
