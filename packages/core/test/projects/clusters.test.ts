import { nativeDatabases, type TestDatabase, urlOf } from "@plinth/testing";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { ClusterLoad } from "../../src/projects/clusters/choose-cluster.ts";
import { NativeHost } from "../../src/projects/native/native-host.ts";
import { type NativeWorld, openNativeWorld, query, uniqueRef } from "./support/native-world.ts";

let world: NativeWorld;
let second: TestDatabase;
let two: NativeHost;

beforeAll(async () => {
  world = await openNativeWorld();
  second = await nativeDatabases(inject("nativePostgresUrl") as string).create();
  two = new NativeHost({ adminUrl: urlOf(second), cluster: "two" });
});
afterAll(async () => {
  // Where both are configured, whatever is on them can be dropped.
  const both = await world.another({ otherHosts: [two] });
  for (const { ref } of (await both.list({ limit: 1_000 })).projects) await both.delete(ref);
  await world.end();
  await second.drop();
});

const clusterOf = async (url: string | undefined): Promise<unknown> => (await query(url as string, "select current_setting('port') as port"))[0]?.["port"];

describe("new projects", () => {
  test("go where there are fewest for the weight", async () => {
    const projects = await world.another({ otherHosts: [two], weights: { two: 2 } });
    const before = (await projects.list({ limit: 1_000 })).projects.length;
    expect(before).toBe(0);
    const made: string[] = [];
    for (let count = 0; count < 6; count++) made.push((await projects.create({ ref: uniqueRef() })).cluster);
    expect(made.toSorted()).toEqual(["default", "default", "two", "two", "two", "two"]);
    expect((await projects.list({ cluster: "two" })).projects).toHaveLength(4);
  });

  test("never go to a cluster of weight 0, unless it is asked for", async () => {
    const projects = await world.another({ otherHosts: [two], weights: { default: 0 } });
    expect((await projects.create({ ref: uniqueRef() })).cluster).toBe("two");
    const asked = await projects.create({ ref: uniqueRef(), cluster: "default" });
    expect(asked.cluster).toBe("default");
    expect(await clusterOf(asked.databaseUrl)).toBeDefined();
    const nowhere = await world.another({ otherHosts: [two], weights: { default: 0, two: 0 } });
    await expect(nowhere.create({ ref: uniqueRef() })).rejects.toMatchObject({ code: "PLINTH_PROJECT_PLACEMENT", hint: expect.stringContaining("weight") });
  });

  test("go where the host's own choice sends them", async () => {
    const seen: Array<readonly ClusterLoad[]> = [];
    const projects = await world.another({
      otherHosts: [two],
      placement: async ({ settings }, clusters) => {
        seen.push(clusters);
        return String(settings["region"]);
      },
    });
    const ref = uniqueRef();
    expect(await projects.create({ ref, settings: { region: "two" } })).toMatchObject({ ref, cluster: "two" });
    expect(seen).toEqual([[expect.objectContaining({ name: "default", weight: 1 }), expect.objectContaining({ name: "two", weight: 1, projects: expect.any(Number) })]]);
    await expect(projects.create({ ref: uniqueRef(), settings: { region: "mars" } })).rejects.toMatchObject({ code: "PLINTH_PROJECT_PLACEMENT" });
    await expect(projects.create({ ref: uniqueRef(), cluster: "mars" })).rejects.toMatchObject({ code: "PLINTH_PROJECT_PLACEMENT" });
    await expect(projects.create({ ref: uniqueRef(), cluster: "two", databaseUrl: "postgres://a:b@c/d" })).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID" });
  });
});

test("a project on a cluster that is not configured is said to be there, and left alone", async () => {
  const both = await world.another({ otherHosts: [two] });
  const { ref } = await both.create({ ref: uniqueRef(), cluster: "two" });
  const one = world.projects;
  for (const call of [() => one.record(ref), () => one.get(ref), () => one.ownerDatabase(ref), () => one.delete(ref)]) {
    await expect(call()).rejects.toMatchObject({ code: "PLINTH_PROJECT_PLACEMENT", details: expect.stringContaining('native "two"') });
  }
  expect((await both.get(ref)).status).toBe("active");
  expect((await one.list({ cluster: "two", search: ref })).projects).toHaveLength(1);
  await both.delete(ref);
});

test("a create that was begun on one cluster is not ended on another", async () => {
  const ref = uniqueRef();
  const broken = await world.another({ otherHosts: [new NativeHost({ adminUrl: "postgres://postgres@127.0.0.1:1/postgres", cluster: "two" })] });
  await expect(broken.create({ ref, cluster: "two" })).rejects.toMatchObject({ code: "PLINTH_DATABASE_UNAVAILABLE" });
  const both = await world.another({ otherHosts: [two] });
  await expect(both.create({ ref, cluster: "default" })).rejects.toMatchObject({ code: "PLINTH_PROJECT_EXISTS", details: expect.stringContaining('"two"') });
  expect(await both.create({ ref })).toMatchObject({ cluster: "two", status: "active" });
});
