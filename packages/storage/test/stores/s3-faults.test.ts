import type { ObjectStore } from "@plinth/core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openObjectStore } from "../../src/stores/open-store.ts";
import { fails, type Fault, type FaultyS3, startFaultyS3 } from "./faulty-s3.ts";

const LARGE = Buffer.alloc(6 * 1024 * 1024, "large");
const SMALL = Buffer.from("small");
const unavailable = expect.objectContaining({ code: "PLINTH_STORE_UNAVAILABLE", status: 503 });

const wrongEtag: Fault = (answer) => void answer.writeHead(200, { etag: "\"ffffffffffffffffffffffffffffffff\"" }).end();
const silent: Fault = () => {};
const hangsUp: Fault = (answer) => void answer.destroy();
const error500 = fails(500, "InternalError");

let server: FaultyS3;
let store: ObjectStore;
beforeAll(async () => {
  server = await startFaultyS3();
  store = openObjectStore({ kind: "s3", bucket: "bucket", endpoint: server.endpoint, accessKeyId: "key", secretAccessKey: "secret", requestTimeoutMs: 600, maxAttempts: 2 });
});
afterAll(async () => {
  await store.close?.();
  await server.close();
});
afterEach(() => {
  server.requests.length = 0;
  server.faults.clear();
  server.kept.clear();
});

test("whoever reads slowly keeps nobody else waiting", async () => {
  const narrow = openObjectStore({ kind: "s3", bucket: "bucket", endpoint: server.endpoint, accessKeyId: "key", secretAccessKey: "secret", requestTimeoutMs: 2_000, maxAttempts: 1, maxSockets: 2 });
  server.kept.set("/bucket/large", Buffer.alloc(20_000_000));
  const stalled = await Promise.all([1, 2, 3, 4].map(() => narrow.get("large")));
  expect(await narrow.put("key", SMALL)).toMatchObject({ size: 5 });
  expect(Buffer.concat((await (await narrow.get("key"))!.toArray()) as Buffer[])).toEqual(SMALL);
  for (const stream of stalled) stream?.destroy();
  await narrow.close?.();
});

describe("a server that", () => {
  test.each<readonly [string, Fault]>([["fails once", error500], ["hangs up once", hangsUp], ["is silent once", silent], ["asks to slow down once", fails(503, "SlowDown")]])("%s is asked again", async (_title, fault) => {
    server.faults.set("PUT object", [fault]);
    expect(await store.put("key", SMALL)).toMatchObject({ size: 5 });
    expect(server.requests).toEqual(["PUT object", "PUT object"]);
  });

  test.each<readonly [string, Fault]>([["fails", error500], ["hangs up", hangsUp], ["is silent", silent]])("%s again and again is unavailable, and what it may have kept is deleted", async (_title, fault) => {
    server.faults.set("PUT object", [fault, fault]).set("GET object", [fault, fault]);
    await expect(store.put("key", SMALL)).rejects.toEqual(unavailable);
    expect(server.requests).toEqual(["PUT object", "PUT object", "DELETE object"]);
    await expect(store.get("key")).rejects.toEqual(unavailable);
  });

  test("answers with a wrong ETag keeps nothing", async () => {
    server.faults.set("PUT object", [(answer, body) => {
      server.kept.set("/bucket/key", body);
      wrongEtag(answer, body);
    }]);
    await expect(store.put("key", SMALL)).rejects.toEqual(unavailable);
    expect(server.requests).toEqual(["PUT object", "DELETE object"]);
    expect(server.kept.size).toBe(0);
  });

  test.each<readonly [string, Fault[]]>([["a wrong ETag", [wrongEtag]], ["failures", [error500, error500]]])("answers a part with %s has the upload aborted", async (_title, faults) => {
    server.faults.set("PUT partNumber", faults);
    await expect(store.put("key", LARGE)).rejects.toEqual(unavailable);
    expect(server.requests.filter((name) => name === "POST uploadId")).toEqual([]);
    expect(server.requests.at(-1)).toBe("DELETE uploadId");
  });

  test("joins parts to something else keeps nothing", async () => {
    await expect(store.put("key", LARGE)).rejects.toEqual(unavailable);
    expect(server.requests.slice(-3)).toEqual(["POST uploadId", "DELETE object", "DELETE uploadId"]);
    expect(server.kept.size).toBe(0);
  });

  test("breaks off in the middle of an answer makes the stream fail", async () => {
    for (const ends of [true, false]) {
      server.faults.set("GET object", [(answer) => {
        answer.writeHead(200, { etag: "\"x\"", "content-length": 1_000_000 }).write(Buffer.alloc(300_000));
        setTimeout(() => (ends ? answer.socket?.end() : answer.destroy()), 20);
      }]);
      const stream = await store.get("key");
      await expect(stream?.toArray()).rejects.toEqual(unavailable);
    }
  });

  test("falls silent in the middle of an answer makes the stream fail", async () => {
    server.faults.set("GET object", [(answer) => void answer.writeHead(200, { etag: "\"x\"", "content-length": 1_000_000 }).write(Buffer.alloc(300_000))]);
    const stream = await store.get("key");
    await expect(stream?.toArray()).rejects.toEqual(unavailable);
  });

  test("hangs is not waited for once the signal fires", async () => {
    const reason = new Error("gone");
    for (const [name, work] of [["PUT object", (signal: AbortSignal) => store.put("key", SMALL, { signal })], ["GET object", (signal: AbortSignal) => store.get("key", { signal })]] as const) {
      server.faults.set(name, [silent]);
      const controller = new AbortController();
      setTimeout(() => controller.abort(reason), 50);
      await expect(work(controller.signal)).rejects.toBe(reason);
    }
  });

  test("has no such object is no fault, and one that has no room is full", async () => {
    expect(await store.get("key")).toBeUndefined();
    server.faults.set("PUT object", [fails(507, "InsufficientStorage"), fails(507, "InsufficientStorage")]);
    await expect(store.put("key", SMALL)).rejects.toEqual(expect.objectContaining({ code: "PLINTH_STORE_FULL" }));
  });
});
