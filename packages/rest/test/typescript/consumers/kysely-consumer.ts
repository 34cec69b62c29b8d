import type { Tenant } from "@plinth/core";
import type { Insertable, Selectable, Updateable } from "kysely";
import type { DB, Enums, Interval, Json, Point } from "../generated/shop-kysely.ts";
import { exactly } from "./exactly.ts";

type Status = "draft" | "on sale" | 'it\'s "gone"';

/** Compiled, never run: what Kysely makes of the types. Every `@ts-expect-error` is a mistake that has to be found. */
export async function queries(tenant: Tenant): Promise<void> {
  await tenant.transaction<DB, void>({ role: "authenticated" }, async (db) => {
    const product = await db.selectFrom("products").selectAll().executeTakeFirstOrThrow();
    exactly<number>()(product.id);
    exactly<string>()(product.price);
    exactly<Status>()(product.status);
    exactly<string | null>()(product.states);
    exactly<string[]>()(product.tags);
    exactly<Date>()(product.at);
    exactly<Json | null>()(product.data);
    exactly<Interval | null>()(product.took);
    exactly<Point | null>()(product.spot);
    exactly<Buffer | null>()(product.blob);
    exactly<number | null>()(product.color);

    const joined = await db.selectFrom("orders").innerJoin("customers", "customers.id", "orders.customer_id").select(["orders.id", "customers.name"]).execute();
    exactly<{ id: string; name: string }[]>()(joined);
    const moods = await db.selectFrom("api.moods").select("mood").execute();
    exactly<{ mood: "sad" | "happy" }[]>()(moods);
    const counted = await db.selectFrom("counted").selectAll().execute();
    exactly<{ products: string | null; status: Status | null }[]>()(counted);

    await db.insertInto("products").values({ title: "a", price: "1.50" }).execute();
    await db.insertInto("products").values({ title: "a", price: 1, status: "on sale", data: { a: [1] }, at: new Date(), states: ["draft"], blob: new Uint8Array(1), took: "1 day" }).execute();
    await db.insertInto("orders").values({ customer_id: 1n }).execute();
    await db.updateTable("products").set({ price: "2", at: "2024-01-01" }).where("id", "=", 1).execute();
    await db.updateTable("cheap").set({ price: 2 }).execute();
    await db.insertInto("inbox").values({ body: "hello" }).execute();

    // @ts-expect-error: there is no such table
    db.selectFrom("product");
    // @ts-expect-error: there is no such column
    db.selectFrom("products").select("prise");
    // @ts-expect-error: of another type
    db.selectFrom("products").where("id", "=", "x");
    // @ts-expect-error: price is missing
    db.insertInto("products").values({ title: "a" });
    // @ts-expect-error: not one of the labels
    db.insertInto("products").values({ title: "a", price: 1, status: "sold" });
    // @ts-expect-error: generated always
    db.insertInto("products").values({ title: "a", price: 1, taxed: 2 });
    // @ts-expect-error: generated always, as identity
    db.insertInto("customers").values({ id: 1, name: "a" });
    // @ts-expect-error: generated always
    db.updateTable("products").set({ taxed: 2 });
    // @ts-expect-error: pg would send an array of PostgreSQL's
    db.updateTable("products").set({ data: [1] });
    // @ts-expect-error: an expression of the view
    db.updateTable("cheap").set({ twice: 2 });
    // @ts-expect-error: the view takes INSERT alone
    db.updateTable("inbox").set({ body: "hello" });
  });
}

export function rows(tag: Selectable<DB["tags"]>, added: Insertable<DB["tags"]>, changed: Updateable<DB["tags"]>): void {
  exactly<{ id: number; name: string }>()(tag);
  exactly<{ id: number; name: string }>()(added);
  changed = { name: "b" };
  const mood: Enums["api.mood"] = "sad";
  // @ts-expect-error: not one of the labels
  const wrong: Enums["status"] = "sold";
  void [changed, mood, wrong];
}
