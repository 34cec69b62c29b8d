import { type ApiRequest, apiScenario } from "@plinth/testing/vitest";
import { expect } from "vitest";
import { LIBRARY } from "./support/library.ts";

const books = (query: string): string => `/rest/v1/books?${query}`;
const ids = (...wanted: number[]) => wanted.map((id) => ({ id }));

/** A filter on books, and whom it finds. */
const FILTERS: ReadonlyArray<readonly [filter: string, found: readonly number[]]> = [
  ["id=eq.1", [1]],
  ["id=neq.1", [2, 3, 4]],
  ["pages=gt.205", [1]],
  ["pages=gte.205", [1, 2]],
  ["pages=lt.205", [3]],
  ["id=in.(1,3)", [1, 3]],
  ["id=not.in.(1,3)", [2, 4]],
  ["title=like.*Earth*", [2]],
  ["title=ilike.*EARTH*", [2]],
  ["title=match.^S", [3]],
  ["title=in.(\"Solaris\",Beowulf)", [3, 4]],
  ["author_id=is.null", [4]],
  ["author_id=not.is.null", [1, 2, 3]],
  ["tags=cs.{sf}", [1, 3]],
  ["tags=ov.{utopia,fantasy}", [1, 2]],
  ["title=fts.wizard", [2]],
  ["facts->>year=eq.1974", [1]],
  ["facts->year=gt.1965", [1, 2]],
  ["or=(id.eq.1,pages.eq.204)", [1, 3]],
  ["and=(pages.gt.200,or(id.eq.2,id.eq.3))", [2, 3]],
  ["not.or=(id.eq.1,id.eq.2)", [3, 4]],
  ["pages=gt(any).{300,204}", [1, 2]],
];

const filters: ApiRequest[] = FILTERS.map(([filter, found]) => ({
  name: filter,
  path: books(`select=id&order=id&${filter}`),
  status: 200,
  body: ids(...found),
}));

const EMBEDS: readonly ApiRequest[] = [
  { name: "to one", path: books("select=title,authors(name)&id=eq.3"), status: 200, body: [{ title: "Solaris", authors: { name: "Lem" } }] },
  { name: "to one that is not there", path: books("select=title,authors(name)&id=eq.4"), status: 200, body: [{ title: "Beowulf", authors: null }] },
  { name: "to many, ordered and limited", path: "/rest/v1/authors?select=name,books(title)&books.order=pages.desc&books.limit=1&id=eq.1", status: 200, body: [{ name: "Le Guin", books: [{ title: "The Dispossessed" }] }] },
  { name: "through a join table", path: books("select=id,tags:tags!book_tags(name)&id=eq.3&tags.order=name"), status: 200, body: [{ id: 3, tags: [{ name: "classic" }, { name: "short" }] }] },
  { name: "inner", path: "/rest/v1/authors?select=id,books!inner(id)&books.pages=gt.300", status: 200, body: [{ id: 1, books: [{ id: 1 }] }] },
  { name: "spread", path: books("select=title,...authors(author:name)&id=eq.3"), status: 200, body: [{ title: "Solaris", author: "Lem" }] },
  { name: "counted", path: "/rest/v1/authors?select=id,books(count)&order=id", status: 200, body: [{ id: 1, books: [{ count: 2 }] }, { id: 2, books: [{ count: 1 }] }, { id: 3, books: [{ count: 0 }] }] },
  { name: "unrelated", path: "/rest/v1/authors?select=id,tags(name)", status: 400, bodyMatching: { code: "PGRST200" } },
  { name: "filtered on being empty", path: "/rest/v1/authors?select=id,books()&books=is.null", status: 200, body: [{ id: 3 }] },
];

const SHAPES: readonly ApiRequest[] = [
  { name: "all columns", path: "/rest/v1/authors?id=eq.1", status: 200, headers: { "content-type": "application/json; charset=utf-8", "content-range": "0-0/*" }, body: [{ id: 1, name: "Le Guin", born: 1929 }] },
  { name: "renamed and cast", path: "/rest/v1/authors?select=n:name,born::text&id=eq.1", status: 200, body: [{ n: "Le Guin", born: "1929" }] },
  { name: "JSON paths", path: books("select=year:facts->year,first:facts->awards->>0&id=eq.1"), status: 200, body: [{ year: 1974, first: "Hugo" }] },
  { name: "aggregates", path: books("select=author_id,pages.sum(),count()&author_id=eq.1"), status: 200, body: [{ author_id: 1, sum: 592, count: 2 }] },
  { name: "order with nulls", path: books("select=id&order=pages.desc.nullslast,id"), status: 200, body: ids(1, 2, 3, 4) },
  { name: "order by what is embedded", path: books("select=id,authors()&order=authors(born).asc,id&author_id=not.is.null"), status: 200, body: ids(3, 1, 2) },
  { name: "a page", path: books("select=id&order=id&limit=2&offset=1"), status: 200, headers: { "content-range": "1-2/*" }, body: ids(2, 3) },
  { name: "a page by Range, counted", path: books("select=id&order=id"), ask: { range: "0-1", "range-unit": "items", prefer: "count=exact" }, status: 206, headers: { "content-range": "0-1/4" }, body: ids(1, 2) },
  { name: "a page beyond the end", path: books("select=id&offset=10"), ask: { prefer: "count=exact" }, status: 416, headers: { "content-range": "*/4" }, bodyMatching: { code: "PGRST103" } },
  { name: "counted, whole", path: books("select=id&id=lt.3&order=id"), ask: { prefer: "count=exact" }, status: 200, headers: { "content-range": "0-1/2" }, body: ids(1, 2) },
  { name: "counted as planned", path: books("select=id&order=id"), ask: { prefer: "count=planned" }, status: 206, headers: { "content-range": /^0-3\/\d+$/ } , check: (body) => expect(body).toHaveLength(4) },
  { name: "HEAD", method: "HEAD", path: books("select=id"), ask: { prefer: "count=exact" }, status: 200, headers: { "content-range": "0-3/4" }, body: "" },
  { name: "one object", path: books("select=title&id=eq.3"), ask: { accept: "application/vnd.pgrst.object+json" }, status: 200, headers: { "content-type": "application/vnd.pgrst.object+json; charset=utf-8" }, body: { title: "Solaris" } },
  { name: "one object of none", path: books("select=title&id=eq.99"), ask: { accept: "application/vnd.pgrst.object+json" }, status: 406, bodyMatching: { code: "PGRST116", details: "The result contains 0 rows" } },
  { name: "one object of several", path: books("select=title"), ask: { accept: "application/vnd.pgrst.object+json" }, status: 406, bodyMatching: { code: "PGRST116", details: "The result contains 4 rows" } },
  { name: "CSV", path: "/rest/v1/authors?select=id,name&order=id&limit=2", ask: { accept: "text/csv" }, status: 200, headers: { "content-type": "text/csv; charset=utf-8" }, body: 'id,name\n1,"Le Guin"\n2,Lem' },
  { name: "nulls stripped", path: books("select=id,pages&id=eq.4"), ask: { accept: "application/vnd.pgrst.array+json;nulls=stripped" }, status: 200, body: [{ id: 4 }] },
  { name: "a view", path: "/rest/v1/long_books", status: 200, body: [{ id: 1, title: "The Dispossessed", pages: 387 }] },
  { name: "the root, described", path: "/rest/v1/", as: "service", status: 200, check: (body) => expect(Object.keys((body as { paths: object }).paths)).toContain("/books") },
];

const ERRORS: readonly ApiRequest[] = [
  { name: "a table that is not there", path: "/rest/v1/bokks", status: 404, bodyMatching: { code: "PGRST205", hint: "Perhaps you meant the table 'public.books'" } },
  { name: "a column that is not there", path: books("select=titel"), status: 400, bodyMatching: { code: "42703" } },
  { name: "a query that can't be read", path: books("select=id&id=1"), status: 400, bodyMatching: { code: "PGRST100" } },
  { name: "a value of the wrong type", path: books("id=eq.one"), status: 400, bodyMatching: { code: "22P02" } },
  { name: "a media type that can't be had", path: books("select=id"), ask: { accept: "image/png" }, status: 406, bodyMatching: { code: "PGRST107" } },
  { name: "a path with too much in it", path: "/rest/v1/books/1", status: 404, bodyMatching: { code: "PGRST125" } },
  { name: "a table without a grant, as anon", path: "/rest/v1/vault", status: 401, bodyMatching: { code: "42501" } },
  { name: "a table without a grant, as a user", path: "/rest/v1/vault", as: { sub: "00000000-0000-4000-8000-000000000001" }, status: 403, bodyMatching: { code: "42501" } },
];

apiScenario("reading", LIBRARY, [...filters, ...EMBEDS, ...SHAPES, ...ERRORS]);
