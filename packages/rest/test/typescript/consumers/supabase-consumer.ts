import { createClient } from "@supabase/supabase-js";
import { type CompositeTypes, Constants, type Database, type Enums, type Json, type Tables, type TablesInsert, type TablesUpdate } from "../generated/shop-supabase.ts";
import { exactly } from "./exactly.ts";

/** Compiled, never run: what supabase-js makes of the types. Every `@ts-expect-error` is a mistake that has to be found. */
const supabase = createClient<Database>("http://127.0.0.1", "key");

export async function columns(): Promise<void> {
  const { data: all } = await supabase.from("tags").select();
  exactly<{ id: number; name: string }[] | null>()(all);

  const { data } = await supabase.from("products").select("id, title, tags, states, status, data, taxed, level, pair, color, words, took").single();
  if (data === null) return;
  exactly<number>()(data.id);
  exactly<string>()(data.title);
  exactly<string[]>()(data.tags);
  exactly<"draft" | "on sale" | 'it\'s "gone"'>()(data.status);
  exactly<("draft" | "on sale" | 'it\'s "gone"')[] | null>()(data.states);
  exactly<Json | null>()(data.data);
  exactly<Json | null>()(data.color);
  exactly<number | null>()(data.taxed);
  exactly<"low" | "high" | null>()(data.level);
  exactly<{ a: number | null; b: string | null } | null>()(data.pair);
  exactly<string | null>()(data.words);
  exactly<string | null>()(data.took);
  // @ts-expect-error: was not selected
  void data.price;

  const { data: wrong } = await supabase.from("tags").select("id, nmae");
  // @ts-expect-error: there is no such column
  void wrong?.[0]?.nmae;
  // @ts-expect-error: there is no such table
  void supabase.from("tgas");
  // @ts-expect-error: partitions are not exposed
  void supabase.from("events_2024");
  // @ts-expect-error: there is no such column
  void supabase.from("tags").select().eq("nmae", "x");

  const { data: odd } = await supabase.from("class").select('new, "with-dash"').single();
  exactly<number | undefined>()(odd?.new);
}

export async function computedColumns(): Promise<void> {
  const { data } = await supabase.from("products").select("id, full_title").single();
  exactly<{ id: number; full_title: string | null } | null>()(data);
  const { data: customers } = await supabase.from("customers").select("*, initials").single();
  exactly<string | null | undefined>()(customers?.initials);
  const { data: all } = await supabase.from("customers").select("*").single();
  // @ts-expect-error: computed columns come only when they are asked for
  void all?.initials;
}

export async function embeds(): Promise<void> {
  const { data: orders } = await supabase.from("orders").select("id, products(title), billed:customers!orders_billed_to_fkey(name), receipts(total), parent:orders!parent_id(id)");
  const order = orders?.[0];
  if (order === undefined) return;
  exactly<{ title: string } | null>()(order.products);
  exactly<{ name: string } | null>()(order.billed);
  exactly<{ total: number } | null>()(order.receipts);

  const { data: products } = await supabase.from("products").select("id, tags_of:tags(name), orders(id)");
  exactly<{ name: string }[] | undefined>()(products?.[0]?.tags_of);
  exactly<{ id: string }[] | undefined>()(products?.[0]?.orders);
}

export async function embedsOfViewsAndFunctions(): Promise<void> {
  const { data: listed } = await supabase.from("order_list").select("order_id, customers(email)");
  exactly<{ email: string | null } | null | undefined>()(listed?.[0]?.customers);
  const { data: facts } = await supabase.from("order_facts").select("id, products(title), cheap(twice)");
  exactly<{ title: string } | null | undefined>()(facts?.[0]?.products);
  exactly<{ twice: number | null } | null | undefined>()(facts?.[0]?.cheap);

  const { data: latest } = await supabase.from("customers").select("name, latest_order(product_id)").single();
  exactly<{ product_id: number | null } | null | undefined>()(latest?.latest_order);
  const { data: owned } = await supabase.from("orders").select("owner(name)").single();
  // A row of nulls, where the function finds none.
  exactly<{ name: string | null } | undefined>()(owned?.owner);
}

export async function embedsThatCannotBe(): Promise<void> {
  const { data: ambiguous } = await supabase.from("orders").select("id, customers(name)");
  // @ts-expect-error: two foreign keys lead there, and the request names none
  void ambiguous?.[0]?.customers.name;
  const { data: unrelated } = await supabase.from("tags").select("id, customers(name)");
  // @ts-expect-error: nothing leads there
  void unrelated?.[0]?.customers.name;
  // Known to PostgREST 13 and later.
  const { data: spread } = await supabase.from("products").select("id, ...orders(order_ids:id)");
  exactly<string[] | undefined>()(spread?.[0]?.order_ids);
}

export async function writes(): Promise<void> {
  await supabase.from("products").insert({ title: "a", price: 1 });
  await supabase.from("products").insert([{ title: "a", price: 1, status: "on sale", data: { a: [1] }, color: "#fff" }]);
  await supabase.from("products").upsert({ id: 1, title: "a", price: 1 }).select("id");
  await supabase.from("products").update({ price: 2 }).eq("id", 1).maxAffected(1);
  await supabase.from("cheap").update({ price: 2 }).eq("id", 1);
  await supabase.from("inbox").insert({ body: "hello" });
  // @ts-expect-error: price is missing
  await supabase.from("products").insert({ title: "a" });
  // @ts-expect-error: not one of the labels
  await supabase.from("products").insert({ title: "a", price: 1, status: "sold" });
  // @ts-expect-error: there is no such column
  await supabase.from("products").insert({ title: "a", price: 1, prise: 2 });
  // @ts-expect-error: generated always
  await supabase.from("products").insert({ title: "a", price: 1, taxed: 2 });
  // @ts-expect-error: generated always, as identity
  await supabase.from("customers").insert({ id: 1, name: "a" });
  // @ts-expect-error: generated always, as identity
  await supabase.from("customers").update({ id: 1 });
  // @ts-expect-error: computed by a function
  await supabase.from("customers").update({ initials: "A" });
  // @ts-expect-error: can't be null
  await supabase.from("products").update({ price: null });
  // @ts-expect-error: an expression of the view
  await supabase.from("cheap").update({ twice: 2 });
  // @ts-expect-error: the view takes no writes
  await supabase.from("counted").insert({ products: 1 });
  // @ts-expect-error: the view takes INSERT alone
  await supabase.from("inbox").update({ body: "hello" });
}

export async function functions(): Promise<void> {
  exactly<number | null>()((await supabase.rpc("add", { a: 1, b: 2 })).data);
  exactly<undefined | null>()((await supabase.rpc("touch")).data);
  exactly<number[] | null>()((await supabase.rpc("ids")).data);
  exactly<{ day: string; n: number }[] | null>()((await supabase.rpc("stats", { since: "2024-01-01" })).data);
  exactly<{ n: number; doubled: number } | null>()((await supabase.rpc("both", { n: 1 })).data);
  exactly<{ a: number | null; b: string | null } | null>()((await supabase.rpc("pair")).data);
  exactly<string | null>()((await supabase.rpc("join_all", { parts: ["a"] })).data);
  exactly<{ street: string | null; lines: string[] | null; level: "low" | "high" | null } | null>()((await supabase.rpc("home_of", { customer_id: 1 })).data);

  const { data: found } = await supabase.rpc("search", { term: "x" }).select("id, title").eq("id", 1);
  exactly<{ id: number; title: string }[] | null>()(found);
  const { data: embedded } = await supabase.rpc("search", { term: "x", max: 3 }).select("id, orders(id)");
  exactly<{ id: number; orders: { id: string }[] }[] | null>()(embedded);
  const { data: best } = await supabase.rpc("best").select("title");
  exactly<{ title: string } | null>()(best);

  exactly<string | null>()((await supabase.rpc("find", { id: 1 })).data);
  const { data: customers } = await supabase.rpc("find", { name: "a", exact: true }).select("email");
  exactly<{ email: string | null }[] | null>()(customers);

  // @ts-expect-error: b is missing
  await supabase.rpc("add", { a: 1 });
  // @ts-expect-error: there is no such function
  await supabase.rpc("addd", { a: 1, b: 2 });
  // @ts-expect-error: two parameters without names can't be given
  await supabase.rpc("unreachable");
  exactly<string | null>()((await supabase.rpc("since", { day: "2024-01-01" })).data);
  const { data: since } = await supabase.rpc("since");
  // @ts-expect-error: PostgREST can't choose between the one without parameters and the one whose parameter has a default
  exactly<number | null>()(since);
  const { data: clash } = await supabase.rpc("clash", { a: 1 });
  // @ts-expect-error: PostgREST can't choose between the two
  exactly<number | null>()(clash);
}

export async function otherSchemas(): Promise<void> {
  const { data } = await supabase.schema("api").from("moods").select("mood, status").single();
  exactly<{ mood: "sad" | "happy"; status: "draft" | "on sale" | 'it\'s "gone"' | null } | null>()(data);
  const { data: rows } = await supabase.schema("api").rpc("catalogue");
  exactly<string | undefined>()(rows?.[0]?.title);
  await supabase.schema("odd-schema").from("a.b").insert({ id: 1 });
  // @ts-expect-error: not one that is exposed
  void supabase.schema("hidden");
}

export function helpers(product: Tables<"products">, cheap: Tables<"cheap">, mood: Tables<{ schema: "api" }, "moods">): void {
  exactly<string>()(product.title);
  exactly<number | null>()(cheap.twice);
  exactly<"sad" | "happy">()(mood.mood);
  const insert: TablesInsert<"tags"> = { id: 1, name: "a" };
  const update: TablesUpdate<"tags"> = { name: "b" };
  // @ts-expect-error: name is missing
  const partial: TablesInsert<"tags"> = { id: 1 };
  const status: Enums<"status"> = "on sale";
  const other: Enums<{ schema: "api" }, "mood"> = "sad";
  // @ts-expect-error: not one of the labels
  const wrong: Enums<"status"> = "sold";
  const home: CompositeTypes<"address"> = { street: null, lines: ["a"], level: "low" };
  exactly<readonly ["draft", "on sale", 'it\'s "gone"']>()(Constants.public.Enums.status);
  void [insert, update, partial, status, other, wrong, home];
}
