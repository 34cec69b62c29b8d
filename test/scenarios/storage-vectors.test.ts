import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openNativeOrEmbedded } from "./support/open-backend.ts";

type Vectors = SupabaseClient["storage"]["vectors"];

/** What the report says of tests that are left out. */
const NO_PGVECTOR = "this server has no extension vector";

describeDatabases("vectors", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  let admin: Vectors;
  let others: readonly Vectors[];
  /** Embedded databases have pgvector; servers have what was installed on them. */
  let hasPgvector: boolean;

  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases, { storage: { vectorBuckets: { maxBuckets: 3, maxIndexes: 3 } } }));
    const client = (key: string, token?: string): Vectors =>
      createClient("http://backend", key, { global: { fetch: backend.fetch }, ...(token === undefined ? {} : { accessToken: async () => token }), auth: { persistSession: false, autoRefreshToken: false } }).storage.vectors;
    admin = client(backend.serviceRoleKey);
    others = [client(backend.anonKey), client(backend.anonKey, backend.tokenFor({ sub: "11111111-1111-4111-8111-111111111111" }))];
    hasPgvector = (await backend.sql("select 1 from pg_available_extensions where name = 'vector'")).length > 0;
    await admin.createBucket("texts");
  });
  afterAll(() => close());

  const index = { indexName: "small", dataType: "float32", dimension: 3, distanceMetric: "cosine" } as const;
  const call = (action: string, body: unknown, headers: Readonly<Record<string, string>> = { apikey: backend.serviceRoleKey }) => backend.fetch(`http://backend/storage/v1/vector/${action}`, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) });
  const failure = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code];

  test("buckets are made, listed and deleted", async () => {
    expect((await admin.createBucket("more-1")).error).toBeNull();
    expect((await admin.createBucket("texts")).error).toMatchObject({ status: 409, message: 'vector bucket "texts" already exists' });
    expect((await admin.getBucket("texts")).data).toMatchObject({ vectorBucket: { vectorBucketName: "texts", creationTime: expect.any(Number) } });
    expect((await admin.getBucket("none")).error).toMatchObject({ status: 404 });
    expect((await admin.createBucket("more_2")).error).toBeNull();
    expect((await admin.createBucket("more-3")).error).toMatchObject({ status: 400, message: expect.stringContaining("Max allowed is 3") });
    expect((await admin.createBucket("texts")).error).toMatchObject({ status: 409 });
    const first = (await admin.listBuckets({ maxResults: 2 })).data!;
    expect(first.vectorBuckets.map(({ vectorBucketName }) => vectorBucketName)).toEqual(["more-1", "more_2"]);
    expect((await admin.listBuckets({ maxResults: 2, nextToken: first.nextToken! })).data!.vectorBuckets).toMatchObject([{ vectorBucketName: "texts" }]);
    expect((await admin.listBuckets({ prefix: "more_" })).data!.vectorBuckets).toHaveLength(1);
    for (const name of ["more-1", "more_2"]) expect((await admin.deleteBucket(name)).error).toBeNull();
    expect((await admin.listBuckets()).data!.vectorBuckets).toHaveLength(1);
  });

  test("are for the service role alone", async () => {
    for (const storage of others) {
      expect((await storage.createBucket("mine")).error).toMatchObject({ status: 403 });
      expect((await storage.from("texts").createIndex(index)).error).toMatchObject({ status: 403 });
      expect((await storage.from("texts").index("small").queryVectors({ queryVector: { float32: [1, 0, 0] }, topK: 1 })).error).toMatchObject({ status: 403 });
    }
    expect((await call("ListVectorBuckets", {}, {})).status).toBe(400);
    // Nor do policies' roles reach the functions and tables by SQL.
    const denied = await backend.sql<{ role: string }>("select role from unnest(array['anon', 'authenticated']) as role where has_schema_privilege(role, 'storage_vectors', 'usage') or has_function_privilege(role, 'storage.delete_vector_index(text, text)', 'execute') or has_table_privilege(role, 'storage.vector_indexes', 'select')");
    expect(denied).toEqual([]);
  });

  test("without pgvector are refused with what to do", async () => {
    const { error } = await admin.from("texts").createIndex(index);
    if (hasPgvector) return expect(error).toBeNull();
    expect(error).toMatchObject({ status: 409, message: "The project's database has no extension vector" });
    const response = await call("CreateIndex", { vectorBucketName: "texts", ...index });
    expect(await response.json()).toMatchObject({ code: "FeatureNotEnabled", hint: expect.stringContaining("pgvector") });
    expect((await admin.from("texts").listIndexes()).data).toEqual({ indexes: [] });
  });

  describe("with pgvector", () => {
    const texts = () => admin.from("texts").index("small");
    const near = async (filter?: unknown, topK = 10) => {
      const { data, error } = await texts().queryVectors({ queryVector: { float32: [1, 0, 0] }, topK, ...(filter === undefined ? {} : { filter: filter as object }) });
      return error?.message ?? data!.vectors.map(({ key }) => key);
    };

    beforeAll(async () => {
      if (!hasPgvector) return;
      // Those above may have been left out.
      await admin.from("texts").createIndex(index);
      await texts().putVectors({
        vectors: [
          { key: "east", data: { float32: [1, 0, 0] }, metadata: { kind: "axis", n: 1, tags: ["a", "b"], "odd key'\"": true } },
          { key: "north", data: { float32: [0, 1, 0] }, metadata: { kind: "axis", n: 2, tags: ["b"], text: "1" } },
          { key: "between", data: { float32: [0.7, 0.7, 0] }, metadata: { kind: "between", n: 1.5 } },
          { key: "west", data: { float32: [-1, 0, 0] } },
        ],
      });
    });

    test("the nearest come first, with what was asked for", async ({ skip }) => {
      skip(!hasPgvector, NO_PGVECTOR);
      expect(await near()).toEqual(["east", "between", "north", "west"]);
      expect(await near(undefined, 2)).toEqual(["east", "between"]);
      const { data } = await texts().queryVectors({ queryVector: { float32: [2, 0, 0] }, topK: 2, returnDistance: true, returnMetadata: true });
      expect(data).toMatchObject({ distanceMetric: "cosine", vectors: [{ key: "east", distance: 0, metadata: { kind: "axis", tags: ["a", "b"] } }, { key: "between", distance: expect.closeTo(0.2929, 3) }] });
      await admin.from("texts").createIndex({ ...index, indexName: "flat", distanceMetric: "euclidean" });
      const flat = admin.from("texts").index("flat");
      await flat.putVectors({ vectors: [{ key: "a", data: { float32: [0, 0, 0] } }, { key: "b", data: { float32: [3, 4, 0] } }] });
      expect((await flat.queryVectors({ queryVector: { float32: [0, 0, 0] }, topK: 5, returnDistance: true })).data).toEqual({ distanceMetric: "euclidean", vectors: [{ key: "a", distance: 0 }, { key: "b", distance: 5 }] });
    });

    test("are filtered by what is known of them", async ({ skip }) => {
      skip(!hasPgvector, NO_PGVECTOR);
      expect(await near({ kind: "axis" })).toEqual(["east", "north"]);
      expect(await near({ tags: "b" })).toEqual(["east", "north"]);
      expect(await near({ tags: { $in: ["a", "c"] } })).toEqual(["east"]);
      expect(await near({ kind: { $ne: "axis" } })).toEqual(["between"]);
      expect(await near({ kind: { $nin: ["between", "other"] } })).toEqual(["east", "north"]);
      expect(await near({ n: { $gt: 1, $lte: 2 } })).toEqual(["between", "north"]);
      expect(await near({ n: 1 })).toEqual(["east"]);
      expect(await near({ text: 1 })).toEqual([]);
      expect(await near({ text: { $exists: true } })).toEqual(["north"]);
      expect(await near({ kind: { $exists: false } })).toEqual(["west"]);
      expect(await near({ "odd key'\"": true })).toEqual(["east"]);
      expect(await near({ $or: [{ n: { $gte: 2 } }, { $and: [{ kind: "axis" }, { tags: "a" }] }] })).toEqual(["east", "north"]);
      for (const [filter, says] of [[{}, "at least one clause"], [{ $and: [] }, "non-empty"], [{ a: {} }, "Empty operator"], [{ a: { $regex: "x" } }, "$regex"], [{ a: { constructor: 1 } }, "constructor"], [{ $not: 1 }, "$not"], [{ n: { $gt: "1" } }, "number"], [{ a: null }, "filtered by"], [{ $or: [{ a: 1 }], b: 1 }, "only key"], [[], "object"]] as const) {
        expect(await near(filter), JSON.stringify(filter)).toContain(says);
      }
      let deep: object = { a: 1 };
      for (let depth = 0; depth < 40; depth++) deep = { $and: [deep] };
      expect(await near(deep)).toContain("deep");
    });

    test("are read, listed by pages and segments, replaced and deleted", async ({ skip }) => {
      skip(!hasPgvector, NO_PGVECTOR);
      const { data } = await texts().getVectors({ keys: ["between", "none"], returnData: true, returnMetadata: true });
      expect(data!.vectors).toEqual([{ key: "between", data: { float32: [0.7, 0.7, 0] }, metadata: { kind: "between", n: 1.5 } }]);
      expect((await texts().getVectors({ keys: ["between"] })).data!.vectors).toEqual([{ key: "between" }]);
      const first = (await texts().listVectors({ maxResults: 3 })).data!;
      expect(first).toEqual({ vectors: [{ key: "between" }, { key: "east" }, { key: "north" }], nextToken: "north" });
      expect((await texts().listVectors({ maxResults: 3, nextToken: first.nextToken! })).data).toEqual({ vectors: [{ key: "west" }] });
      const segments = await Promise.all([0, 1, 2].map(async (segmentIndex) => (await texts().listVectors({ segmentCount: 3, segmentIndex })).data!.vectors.map(({ key }) => key)));
      expect(segments.flat().sort()).toEqual(["between", "east", "north", "west"]);
      await texts().putVectors({ vectors: [{ key: "west", data: { float32: [1, 0.1, 0] }, metadata: { moved: true } }] });
      expect(await near(undefined, 2)).toEqual(["east", "west"]);
      expect((await texts().deleteVectors({ keys: ["west", "none"] })).error).toBeNull();
      expect(await near()).toEqual(["east", "between", "north"]);
    });

    test("that are none are refused, and leave nothing", async ({ skip }) => {
      skip(!hasPgvector, NO_PGVECTOR);
      const put = async (...vectors: object[]) => (await texts().putVectors({ vectors: vectors as never })).error?.message;
      const good = { key: "good", data: { float32: [1, 2, 3] } };
      expect(await put(good, { key: "bad", data: { float32: [1, 2] } })).toBe("Invalid record for key 'bad': vector must have length 3, but has length 2");
      expect(await put(good, { key: "bad", data: { float32: [0, 0, 0] } })).toContain("all zeros");
      expect(await put(good, { key: "bad", data: { float32: [1e39, 0, 0] } })).toContain("out of range");
      expect(await put(good, good)).toContain("duplicate keys");
      expect(await put(good, { key: "bad", data: { float32: ["1", 0, 0] } })).toContain("body/vectors/1/data/float32/0");
      expect(await put(good, { key: "bad", data: good.data, metadata: { a: { b: 1 } } })).toContain("body/vectors/1/metadata/a");
      expect(await put(good, { key: "bad", data: good.data, metadata: { a: "x".repeat(2_100) } })).toContain("Filterable metadata");
      expect((await texts().getVectors({ keys: ["good"] })).data!.vectors).toEqual([]);
      expect((await texts().queryVectors({ queryVector: { float32: [1] }, topK: 1 })).error?.message).toContain("length 3");
      expect((await admin.from("texts").index("none").listVectors()).error).toMatchObject({ status: 404 });
      // More than other bodies may be.
      await admin.from("texts").createIndex({ ...index, indexName: "large", dimension: 1_536, metadataConfiguration: { nonFilterableMetadataKeys: ["text"] } });
      const large = admin.from("texts").index("large");
      const many = Array.from({ length: 100 }, (_, at) => ({ key: `k${at}`, data: { float32: Array.from({ length: 1_536 }, (__, place) => Math.sin(at + place)) }, metadata: { text: "y".repeat(2_100), at } }));
      expect((await large.putVectors({ vectors: many })).error).toBeNull();
      expect((await large.queryVectors({ queryVector: many[7]!.data, topK: 1, filter: { at: { $lt: 10 } } })).data!.vectors).toEqual([{ key: "k7" }]);
      expect((await large.queryVectors({ queryVector: many[7]!.data, topK: 1, filter: { text: "y" } })).error?.message).toContain("non-filterable");
    });

    test("lie in indexes, whose tables go with them", async ({ skip }) => {
      skip(!hasPgvector, NO_PGVECTOR);
      expect((await admin.from("texts").createIndex(index)).error).toMatchObject({ status: 409, message: 'vector index "small" already exists' });
      expect((await admin.from("none").createIndex(index)).error).toMatchObject({ status: 404 });
      expect((await admin.from("texts").createIndex({ ...index, indexName: "fourth" })).error).toMatchObject({ status: 400, message: expect.stringContaining("Max allowed is 3") });
      for (const indexName of ["UPPER", "a'; drop table storage.objects; --", "x", "-ab"]) expect(await failure(await call("CreateIndex", { vectorBucketName: "texts", ...index, indexName })), indexName).toEqual([400, "InvalidRequest"]);
      expect((await admin.from("texts").getIndex("large")).data).toMatchObject({ index: { indexName: "large", vectorBucketName: "texts", dataType: "float32", dimension: 1_536, distanceMetric: "cosine", metadataConfiguration: { nonFilterableMetadataKeys: ["text"] } } });
      expect((await admin.from("texts").listIndexes({ prefix: "s" })).data!.indexes).toMatchObject([{ indexName: "small" }]);
      expect((await admin.deleteBucket("texts")).error).toMatchObject({ status: 400, message: 'Vector Bucket "texts" not empty' });
      for (const name of ["small", "flat", "large"]) expect((await admin.from("texts").deleteIndex(name)).error).toBeNull();
      expect((await admin.from("texts").deleteIndex("small")).error).toMatchObject({ status: 404 });
      expect(await backend.sql("select tablename from pg_tables where schemaname = 'storage_vectors'")).toEqual([]);
      expect((await admin.deleteBucket("texts")).error).toBeNull();
    });
  });
});
