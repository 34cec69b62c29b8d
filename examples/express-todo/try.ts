import assert from "node:assert/strict";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { UserName } from "./users.ts";

// Run with the server started: npm start in one terminal, npm run try in another.
const url = process.env["URL"] ?? "http://localhost:3000";

const { anonKey } = await fetchJson<{ anonKey: string }>("GET", "/config");

const anon = createClient(url, anonKey);
const ann = await signIn("ann");
const bob = await signIn("bob");

console.log("As anon");
const lists = await rows(anon.from("lists").select("name").order("name"));
console.log("  lists:", lists);
assert.deepEqual(lists, [{ name: "Home" }, { name: "Work" }]);
assert.deepEqual(await rows(anon.from("todos").select()), [], "anon sees nobody's todos");
console.log("  todos: none, whoever they belong to");

console.log("As Ann");
const [added] = await rows(ann.from("todos").insert({ list_id: 1, title: `Call the plumber (${Date.now()})` }).select());
console.log("  added:", added?.["title"]);
const annsTodos = await rows(ann.from("todos").select("title, done, lists(name)").order("id"));
console.log("  sees:", annsTodos);
assert.ok(annsTodos.length >= 2);

console.log("As Bob");
await rows(bob.from("todos").insert({ list_id: 2, title: "Write the report" }).select());
const bobsTodos = await rows(bob.from("todos").select("title").order("id"));
console.log("  sees:", bobsTodos);
assert.ok(bobsTodos.every((todo) => todo["title"] === "Write the report"), "Bob sees none of Ann's");

const { data: stolen } = await bob.from("todos").update({ done: true }).eq("id", added?.["id"]).select();
assert.deepEqual(stolen, [], "Bob can't change what is Ann's");
const { error: forged } = await bob.from("todos").insert({ list_id: 1, title: "In Ann's name", user_id: added?.["user_id"] });
assert.equal(forged?.code, "42501");
console.log(`  writing in Ann's name: refused (${forged.message})`);

const { data: open } = await ann.rpc("open_todos");
console.log("As Ann\n  open todos, by a function:", open);
assert.equal(open, (await rows(ann.from("todos").select("id").eq("done", false))).length);

console.log("As somebody new, who signs up");
const carl = createClient(url, anonKey, { auth: { persistSession: false, autoRefreshToken: false } });
const email = `carl-${Date.now()}@example.com`;
const password = "correct horse battery";
await allowed(carl.auth.signUp({ email, password }));
await allowed(carl.auth.signOut());
const { data: { user } } = await allowed(carl.auth.signInWithPassword({ email, password }));
console.log("  signed in:", user?.email);
await rows(carl.from("todos").insert({ list_id: 1, title: "Try Plinth" }).select());
const carlsTodos = await rows(carl.from("todos").select("title, user_id"));
console.log("  sees:", carlsTodos);
assert.deepEqual(carlsTodos, [{ title: "Try Plinth", user_id: user?.id }], "the row is Carl's by its default, auth.uid(), and the only one that he sees");
await rows(carl.from("todos").delete().eq("title", "Try Plinth").select());
await allowed(carl.auth.signOut());
assert.deepEqual(await rows(carl.from("todos").select()), []);
console.log("  signed out: sees none");

await rows(bob.from("todos").delete().eq("title", "Write the report").select());
await rows(ann.from("todos").delete().eq("id", added?.["id"]).select());
console.log("\nEach saw their own rows only.");

async function signIn(name: UserName): Promise<SupabaseClient> {
  const { token } = await fetchJson<{ token: string }>("POST", `/login/${name}`);
  return createClient(url, anonKey, { accessToken: async () => token });
}

async function allowed<T extends { error: { message: string } | null }>(asked: PromiseLike<T>): Promise<T> {
  const answer = await asked;
  if (answer.error) throw new Error(answer.error.message);
  return answer;
}

async function rows(query: PromiseLike<{ data: unknown; error: { message: string } | null }>): Promise<Array<Record<string, unknown>>> {
  const { data, error } = await query;
  if (error) throw new Error(error.message);
  return data as Array<Record<string, unknown>>;
}

async function fetchJson<T>(method: string, path: string): Promise<T> {
  const response = await fetch(url + path, { method }).catch(() => undefined);
  if (!response) throw new Error(`Nothing answers at ${url}. Start the server first: npm start`);
  return (await response.json()) as T;
}
