import type { ColumnType, Generated, GeneratedAlways } from "kysely"

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

/** For a json column: an object, or JSON as text. Arrays and strings go through JSON.stringify(). */
export type JsonInput = string | number | boolean | { [key: string]: Json | undefined }

export interface Interval {
  years?: number
  months?: number
  days?: number
  hours?: number
  minutes?: number
  seconds?: number
  milliseconds?: number
  toPostgres(): string
  toISOString(): string
}

export interface Point { x: number; y: number }

export interface Enums {
  __proto__: "constructor" | "toString"
  "api.mood": "sad" | "happy"
  status: "draft" | "on sale" | "it's \"gone\""
}

export interface DB {
  "api.moods": {
    mood: Enums["api.mood"]
    status: Enums["status"] | null
  }
  cheap: {
    id: number | null
    price: ColumnType<string | null, string | number | null, string | number | null>
    taxed: ColumnType<string | null, string | number | null, string | number | null>
    title: string | null
    twice: GeneratedAlways<string | null>
  }
  class: {
    "1st": number | null
    __proto__: number | null
    new: number
    "quo\"te\\": string | null
    "with-dash": string | null
    "ünï": string | null
  }
  counted: {
    products: GeneratedAlways<string | null>
    status: GeneratedAlways<Enums["status"] | null>
  }
  customers: {
    email: string | null
    home: string | null
    id: GeneratedAlways<string>
    mood: Enums["api.mood"] | null
    name: string
  }
  events: {
    at: ColumnType<Date, Date | string, Date | string>
    id: number
  }
  inbox: {
    body: ColumnType<string | null, string | null, never>
    id: ColumnType<number | null, number | null, never>
  }
  nothing: {}
  "odd-schema.plain": {
    id: number
    kind: Enums["__proto__"] | null
  }
  order_facts: {
    customer_id: GeneratedAlways<string | null>
    id: GeneratedAlways<string | null>
    product_id: GeneratedAlways<number | null>
  }
  order_list: {
    customer_id: GeneratedAlways<string | null>
    name: GeneratedAlways<string | null>
    order_id: GeneratedAlways<string | null>
  }
  orders: {
    billed_to: ColumnType<string | null, string | number | bigint | null, string | number | bigint | null>
    customer_id: ColumnType<string, string | number | bigint, string | number | bigint>
    id: Generated<string>
    parent_id: string | null
    product_id: number | null
  }
  product_tags: {
    product_id: number
    tag_id: number
  }
  products: {
    at: ColumnType<Date, Date | string | undefined, Date | string>
    blob: ColumnType<Buffer | null, Uint8Array | null, Uint8Array | null>
    color: number | null
    data: ColumnType<Json | null, JsonInput | null, JsonInput | null>
    during: string | null
    id: Generated<number>
    level: "low" | "high" | null
    pair: string | null
    price: ColumnType<string, string | number, string | number>
    spot: ColumnType<Point | null, string | null, string | null>
    states: ColumnType<string | null, Enums["status"][] | string | null, Enums["status"][] | string | null>
    status: Generated<Enums["status"]>
    subtitle: Generated<string>
    tags: Generated<string[]>
    taxed: GeneratedAlways<string | null>
    title: string
    took: ColumnType<Interval | null, Interval | string | null, Interval | string | null>
    words: string | null
  }
  receipts: {
    order_id: string
    total: ColumnType<string, string | number | bigint, string | number | bigint>
  }
  remote: {
    body: string | null
    id: number
  }
  tags: {
    id: number
    name: string
  }
}

// Left out, since Kysely takes a dot for the end of a schema's name: "odd-schema.a.b"
