import { describeDatabases } from "@plinth/testing/vitest";
import { expect, test } from "vitest";
import { openNativeOrEmbedded } from "../scenarios/support/open-backend.ts";

const MANY = 4_000;

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const madeUp = (ref: string): string => `${base64url({ alg: "HS256", typ: "JWT" })}.${base64url({ ref, role: "anon" })}.${"A".repeat(43)}`;

describeDatabases("a flood of keys whose refs are made up", (databases) => {
  test("is refused in one way, and keeps nobody waiting who comes with a key of a project", { timeout: 60_000 }, async () => {
    const errors: unknown[] = [];
    const { backend, close } = await openNativeOrEmbedded(databases, { onError: (error) => void errors.push(error) });
    try {
      const project = await backend.projects.create({ ref: "real" });
      await backend.sql("create table public.things (id int); grant select on things to anon", "real");
      const get = async (apikey: string): Promise<number> => (await backend.fetch("http://x/rest/v1/things", { headers: { apikey } })).status;
      const refused = Array.from({ length: MANY }, (_, at) => get(madeUp(`made-up-${at}`)));
      // Nobody has asked for it before: it has to be looked up as well.
      let status = await get(project.anonKey);
      // Too many at once are sent away, to come again: that is what who has a key does.
      while (status === 503) status = await get(project.anonKey);
      expect(status).toBe(200);
      expect([...new Set(await Promise.all(refused))].filter((answered) => answered !== 401 && answered !== 503)).toEqual([]);
      expect(await get(madeUp("made-up-again"))).toBe(401);
      expect(errors.filter((error) => (error as { code?: string }).code !== "PLINTH_TOO_BUSY")).toEqual([]);
    } finally {
      await close();
    }
  });
});
