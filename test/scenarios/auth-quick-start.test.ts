import { readFile } from "node:fs/promises";
import path from "node:path";
import { createClient } from "@supabase/supabase-js";
import { describeDatabases } from "@plinth/testing/vitest";
import { expect, test } from "vitest";
import { openAtDoor } from "./support/open-backend.ts";

const page = await readFile(path.join(import.meta.dirname, "../../docs/auth.md"), "utf8");
const migration = /```sql\n(.*?)```/s.exec(page)?.[1] ?? "";

describeDatabases("the quick start of docs/auth.md", (databases) => {
  test("signs up, writes under row level security, and signs out", async () => {
    const { backend, close } = await openAtDoor(databases, { auth: { mailer: { autoconfirm: true }, password: { cost: 4 } }, sql: migration });
    try {
      const client = () => createClient("http://backend", backend.anonKey, { global: { fetch: backend.fetch }, auth: { persistSession: false, autoRefreshToken: false } });
      const [ann, ben] = [client(), client()];
      for (const [supabase, email] of [[ann, "ann@example.com"], [ben, "ben@example.com"]] as const) expect((await supabase.auth.signUp({ email, password: "correct horse battery" })).error).toBeNull();
      expect((await ann.from("todos").insert({ title: "Feed the horse" })).error).toBeNull();
      const { data: user } = await ann.auth.getUser();
      expect((await ann.from("todos").select("title, owner")).data).toEqual([{ title: "Feed the horse", owner: user.user?.id }]);
      expect((await ben.from("todos").select()).data).toEqual([]);
      await ann.auth.signOut();
      expect((await ann.from("todos").insert({ title: "Too late" })).error).toMatchObject({ code: "42501" });
      expect((await ann.auth.signInWithPassword({ email: "ann@example.com", password: "correct horse battery" })).error).toBeNull();
      expect((await ann.from("todos").select("title")).data).toEqual([{ title: "Feed the horse" }]);
    } finally {
      await close();
    }
  });
});
