import { describeDatabases } from "@plinth/testing/vitest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openServer, type ServedBackend } from "./support/open-server.ts";

describeDatabases("a project that is changed while it serves", (databases) => {
  let served: ServedBackend;
  beforeAll(async () => {
    served = await openServer(databases, { sql: "create table things (id int primary key); insert into things values (1)" });
  });
  afterAll(() => served.close());

  test("answers every request, before, after and meanwhile", async () => {
    const { backend, url } = served;
    const answers: number[] = [];
    let isOn = true;
    const client = async (): Promise<void> => {
      while (isOn) answers.push((await fetch(`${url}/rest/v1/things`, { headers: { apikey: backend.serviceRoleKey } })).status);
    };
    const clients = Promise.all(Array.from({ length: 12 }, client));
    for (let i = 0; i < 8; i++) {
      await backend.projects.update("default", { name: `name ${i}` });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    isOn = false;
    await clients;
    expect(new Set(answers)).toEqual(new Set([200]));
    expect(answers.length).toBeGreaterThan(12);
    expect(served.errors).toEqual([]);
  });
});
