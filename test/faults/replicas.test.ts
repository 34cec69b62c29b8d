import { createTestBackend, type TestBackend } from "@plinth/testing";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { until } from "../scenarios/support/until.ts";
import { findReplicationBinaries, type Replication, startReplication } from "./support/streaming-replication.ts";

const binaries = process.platform === "win32" ? undefined : findReplicationBinaries();
if (binaries === undefined) console.error("Tests of read replicas don't run: there is no PostgreSQL with pg_basebackup in /usr/lib/postgresql or on PATH.");

const SCHEMA = `
  create table things (id int primary key);
  create function place() returns int language sql stable as 'select inet_server_port()';
  create function late(seconds float) returns int language sql stable as 'select inet_server_port() from pg_sleep(seconds)';
  create function strict_place() returns int language sql stable set default_transaction_isolation = 'serializable' as 'select inet_server_port()';`;

const LAG_MS = 800;

describe.runIf(binaries !== undefined)("read replicas", () => {
  let servers: Replication;
  let backend: TestBackend;

  beforeAll(async () => {
    servers = await startReplication(binaries ?? "");
    backend = await createTestBackend({
      databaseUrl: servers.primary.url,
      clusters: [{ name: "default", replicas: [servers.replica.url], maxReplicaLagMs: LAG_MS }],
      pool: { maxConnectionsPerProject: 3 },
      sql: SCHEMA,
      onError: () => undefined,
    });
  });
  afterAll(async () => {
    await backend.close();
    await servers.close();
  });
  afterEach(() => servers.replica.sql("select pg_wal_replay_resume()").catch(() => undefined));

  const ask = async (path: string, init: RequestInit = {}): Promise<{ status: number; body: unknown }> => {
    const response = await backend.fetch(`http://backend/rest/v1/${path}`, { ...init, headers: { ...backend.headersFor("service"), "content-type": "application/json", prefer: "return=representation" } });
    return { status: response.status, body: await response.json() };
  };
  const readsFrom = async (): Promise<"primary" | "replica"> => ((await ask("rpc/place")).body === servers.replica.port ? "replica" : "primary");
  const onReplica = () => until(async () => (await readsFrom()) === "replica");
  const write = (id: number) => ask("things", { method: "POST", body: JSON.stringify({ id }) });

  test("answer what only reads, and nothing else", async () => {
    await onReplica();
    expect((await ask("rpc/place", { method: "POST", body: "{}" })).body).toBe(servers.replica.port);
    expect(await write(1)).toEqual({ status: 201, body: [{ id: 1 }] });
    await onReplica();
    const tenant = await backend.tenant();
    const port = (readOnly: boolean) => tenant.execute({ role: "service_role", readOnly }, [{ sql: "select inet_server_port()", parameters: [] }]).then(([result]) => Number(result?.rows[0]?.[0]));
    expect(await port(true)).toBe(servers.replica.port);
    expect(await port(false)).toBe(servers.primary.port);
  });

  test("show whoever has written what was written", async () => {
    await onReplica();
    await servers.replica.sql("select pg_wal_replay_pause()");
    for (let id = 10; id < 15; id++) {
      await write(id);
      expect(await ask(`things?id=eq.${id}`)).toEqual({ status: 200, body: [{ id }] });
    }
  });

  test("are left alone while they are too far behind, and read from again", async () => {
    await onReplica();
    await servers.replica.sql("select pg_wal_replay_pause()");
    // By somebody else.
    await servers.primary.sql("insert into things values (20)");
    await until(async () => (await readsFrom()) === "primary");
    expect((await ask("things?id=eq.20")).body).toEqual([{ id: 20 }]);
    await servers.replica.sql("select pg_wal_replay_resume()");
    await onReplica();
  });

  test("that don't know the newest schema yet, or can't do something, leave it to the primary", async () => {
    await onReplica();
    await servers.replica.sql("select pg_wal_replay_pause()");
    await servers.primary.sql("create table fresh (id int); grant all on fresh to service_role; alter table things add column name text default 'x'");
    await until(async () => (await ask("things?select=name&limit=1")).status === 200, 2_000);
    expect(await ask("fresh")).toEqual({ status: 200, body: [] });
    await servers.replica.sql("select pg_wal_replay_resume()");
    await onReplica();
    expect(await ask("rpc/strict_place")).toEqual({ status: 200, body: servers.primary.port });
  });

  test("that crash in the midst of a request, or are gone, make nobody fail", async () => {
    await onReplica();
    const reading = ask("rpc/late?seconds=1");
    await until(async () => (await servers.replica.sql("select from pg_stat_activity where query like '%late%' and state = 'active' and pid <> pg_backend_pid()")).length > 0);
    await servers.replica.stop();
    expect(await reading).toEqual({ status: 200, body: servers.primary.port });
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask("rpc/place")));
    for (const answer of answers) expect(answer).toEqual({ status: 200, body: servers.primary.port });
    await servers.replica.start();
    await onReplica();
  });

  test("that have been promoted are no replicas any more", async () => {
    await onReplica();
    await servers.replica.sql("select pg_promote()");
    await until(async () => (await readsFrom()) === "primary");
    for (let i = 0; i < 5; i++) expect(await readsFrom()).toBe("primary");
  });
});
