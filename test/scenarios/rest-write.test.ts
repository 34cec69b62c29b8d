import { type ApiRequest, apiScenario } from "@plinth/testing/vitest";
import { expect } from "vitest";
import { ANN, BEN, LIBRARY } from "./support/library.ts";

const RETURN = { prefer: "return=representation" };
const OBJECT = { ...RETURN, accept: "application/vnd.pgrst.object+json" };

const INSERTS: readonly ApiRequest[] = [
  { name: "insert", method: "POST", path: "/rest/v1/authors", send: { id: 9, name: "Borges" }, status: 201, headers: { "content-range": "*/*", location: null }, body: "" },
  { name: "insert, returned", method: "POST", path: "/rest/v1/authors?select=id,name", ask: RETURN, send: { id: 9, name: "Borges" }, status: 201, headers: { "preference-applied": "return=representation" }, body: [{ id: 9, name: "Borges" }] },
  { name: "insert, located", method: "POST", path: "/rest/v1/authors", ask: { prefer: "return=headers-only" }, send: { id: 9, name: "Borges" }, status: 201, headers: { location: "/authors?id=eq.9" }, body: "" },
  { name: "insert of several", method: "POST", path: "/rest/v1/books?select=id,title,pages", ask: RETURN, send: [{ title: "A", pages: 1 }, { title: "B", pages: 2 }], status: 201, body: [{ id: 101, title: "A", pages: 1 }, { id: 102, title: "B", pages: 2 }] },
  { name: "insert of none", method: "POST", path: "/rest/v1/books", ask: RETURN, send: [], status: 201, body: [] },
  { name: "insert of some columns, others by default", method: "POST", path: "/rest/v1/books?columns=title,remark&select=title,remark", ask: { prefer: "return=representation, missing=default" }, send: [{ title: "A" }, { title: "B", remark: "given", pages: 7 }], status: 201, body: [{ title: "A", remark: "none" }, { title: "B", remark: "given" }] },
  { name: "insert of CSV", method: "POST", path: "/rest/v1/authors?select=id,name,born", ask: { ...RETURN, "content-type": "text/csv" }, send: "id,name,born\n8,Calvino,1923\n9,Borges,NULL", status: 201, body: [{ id: 8, name: "Calvino", born: 1923 }, { id: 9, name: "Borges", born: null }] },
  { name: "insert of a form", method: "POST", path: "/rest/v1/authors?select=name", ask: { ...OBJECT, "content-type": "application/x-www-form-urlencoded" }, send: "id=9&name=Jorge+Luis", status: 201, body: { name: "Jorge Luis" } },
  { name: "insert of what is there", method: "POST", path: "/rest/v1/authors", send: { id: 1, name: "Somebody" }, status: 409, bodyMatching: { code: "23505" } },
  { name: "insert of what refers to nothing", method: "POST", path: "/rest/v1/books", send: { title: "X", author_id: 77 }, status: 409, bodyMatching: { code: "23503" } },
  { name: "insert of what a check forbids", method: "POST", path: "/rest/v1/books", send: { title: "X", pages: 0 }, status: 400, bodyMatching: { code: "23514" } },
  { name: "insert without what must be there", method: "POST", path: "/rest/v1/books", send: { pages: 1 }, status: 400, bodyMatching: { code: "23502" } },
  { name: "insert of an unknown column", method: "POST", path: "/rest/v1/books?columns=titel", send: { titel: "X" }, status: 400, bodyMatching: { code: "PGRST204" } },
  { name: "insert of what is no JSON", method: "POST", path: "/rest/v1/books", send: "{", status: 400, bodyMatching: { code: "PGRST102" } },
];

const UPSERTS: readonly ApiRequest[] = [
  { name: "upsert, merging", method: "POST", path: "/rest/v1/authors?select=id,name", ask: { prefer: "return=representation,resolution=merge-duplicates" }, send: [{ id: 1, name: "Ursula" }, { id: 9, name: "Borges" }], status: 201, check: (body) => expect(body).toEqual(expect.arrayContaining([{ id: 1, name: "Ursula" }, { id: 9, name: "Borges" }])) },
  { name: "upsert, ignoring", method: "POST", path: "/rest/v1/authors?select=id", ask: { prefer: "return=representation,resolution=ignore-duplicates" }, send: [{ id: 1, name: "Ursula" }, { id: 9, name: "Borges" }], status: 201, body: [{ id: 9 }] },
  { name: "upsert on another constraint", method: "POST", path: "/rest/v1/authors?on_conflict=name&select=id,born", ask: { prefer: "return=representation,resolution=merge-duplicates" }, send: { id: 2, name: "Lem", born: 1900 }, status: 200, body: [{ id: 2, born: 1900 }] },
  { name: "PUT of a new one", method: "PUT", path: "/rest/v1/authors?id=eq.9", ask: RETURN, send: { id: 9, name: "Borges", born: 1899 }, status: 201, body: [{ id: 9, name: "Borges", born: 1899 }] },
  { name: "PUT of one that is there", method: "PUT", path: "/rest/v1/authors?id=eq.1", ask: RETURN, send: { id: 1, name: "Ursula", born: 1929 }, status: 200, body: [{ id: 1, name: "Ursula", born: 1929 }] },
  { name: "PUT elsewhere than it says", method: "PUT", path: "/rest/v1/authors?id=eq.1", send: { id: 2, name: "Ursula", born: 1929 }, status: 400, bodyMatching: { code: "PGRST115" } },
];

const CHANGES: readonly ApiRequest[] = [
  { name: "update", method: "PATCH", path: "/rest/v1/books?id=eq.3", send: { pages: 210 }, status: 204, headers: { "content-range": "0-0/*" }, body: "" },
  { name: "update, returned with what it belongs to", method: "PATCH", path: "/rest/v1/books?id=eq.3&select=pages,authors(name)", ask: RETURN, send: { pages: 210 }, status: 200, body: [{ pages: 210, authors: { name: "Lem" } }] },
  { name: "update of none", method: "PATCH", path: "/rest/v1/books?id=eq.99", ask: RETURN, send: { pages: 210 }, status: 200, headers: { "content-range": "*/*" }, body: [] },
  { name: "update of more than allowed", method: "PATCH", path: "/rest/v1/books?id=gt.0", ask: { prefer: "handling=strict, max-affected=2" }, send: { pages: 1 }, status: 400, bodyMatching: { code: "PGRST124" } },
  { name: "update of one object that are two", method: "PATCH", path: "/rest/v1/books?author_id=eq.1", ask: OBJECT, send: { pages: 1 }, status: 406, bodyMatching: { code: "PGRST116" } },
  { name: "update, counted", method: "PATCH", path: "/rest/v1/books?author_id=eq.1", ask: { prefer: "count=exact" }, send: { pages: 1 }, status: 204, headers: { "content-range": "0-1/2" } },
  { name: "delete", method: "DELETE", path: "/rest/v1/books?id=eq.3", status: 204, body: "" },
  { name: "delete, returned", method: "DELETE", path: "/rest/v1/books?id=lt.3&select=id&order=id", ask: RETURN, status: 200, body: [{ id: 1 }, { id: 2 }] },
  { name: "delete of what others need", method: "DELETE", path: "/rest/v1/tags?id=eq.1", status: 409, bodyMatching: { code: "23503" } },
  { name: "a preference that is none, strictly", method: "PATCH", path: "/rest/v1/books?id=eq.3", ask: { prefer: "handling=strict, return=everything" }, send: { pages: 1 }, status: 400, bodyMatching: { code: "PGRST122" } },
];

const notes = (query = ""): string => `/rest/v1/notes?select=id,owner${query}`;

const USERS: readonly ApiRequest[] = [
  { name: "a user sees their own", path: notes(), as: ANN, status: 200, body: [{ id: 1, owner: ANN.sub }], asAnon: { status: 200, body: [] } },
  { name: "another user sees theirs", path: notes(), as: BEN, status: 200, body: [{ id: 2, owner: BEN.sub }] },
  { name: "the service role sees all", path: notes("&order=id"), as: "service", status: 200, body: [{ id: 1, owner: ANN.sub }, { id: 2, owner: BEN.sub }] },
  { name: "a user writes", method: "POST", path: notes(), ask: RETURN, send: { text: "new" }, as: ANN, status: 201, body: [{ id: 101, owner: ANN.sub }], asAnon: { status: 401, bodyMatching: { code: "42501" } } },
  { name: "a user writes in another's name", method: "POST", path: notes(), send: { text: "new", owner: BEN.sub }, as: ANN, status: 403, bodyMatching: { code: "42501" } },
  { name: "a user gives theirs away", method: "PATCH", path: notes("&id=eq.1"), send: { owner: BEN.sub }, as: ANN, status: 403, bodyMatching: { code: "42501" } },
  { name: "a user changes another's", method: "PATCH", path: notes("&id=eq.2"), ask: RETURN, send: { text: "mine" }, as: ANN, status: 200, body: [], asAnon: { status: 200, body: [] } },
  { name: "a user deletes all that can be", method: "DELETE", path: notes("&id=gt.0"), ask: RETURN, as: ANN, status: 200, body: [{ id: 1, owner: ANN.sub }], asAnon: { status: 200, body: [] } },
  { name: "the service role opens the vault", path: "/rest/v1/vault?select=id", as: "service", status: 200, body: [{ id: 1 }], asAnon: { status: 401, bodyMatching: { code: "42501" } } },
];

const CALLS: readonly ApiRequest[] = [
  { name: "a call by POST", method: "POST", path: "/rest/v1/rpc/add", send: { a: 1, b: 2 }, status: 200, body: 3 },
  { name: "a call with a default", method: "POST", path: "/rest/v1/rpc/add", send: { a: 1 }, status: 200, body: 2 },
  { name: "a call by GET", path: "/rest/v1/rpc/add?a=1&b=2", status: 200, body: 3 },
  { name: "a call that gives rows, filtered", path: "/rest/v1/rpc/books_of?name=Le%20Guin&select=title,authors(born)&pages=gt.300", status: 200, body: [{ title: "The Dispossessed", authors: { born: 1929 } }] },
  { name: "a call that gives rows, counted", method: "POST", path: "/rest/v1/rpc/books_of?select=id&order=id&limit=1", ask: { prefer: "count=exact" }, send: { name: "Le Guin" }, status: 206, headers: { "content-range": "0-0/2" }, body: [{ id: 1 }] },
  { name: "a call that writes", method: "POST", path: "/rest/v1/rpc/lengthen?select=pages", send: { book: 3, by: 6 }, status: 200, body: { pages: 210 } },
  { name: "a call that writes, by GET", path: "/rest/v1/rpc/lengthen?book=3&by=6", status: 405, bodyMatching: { code: "25006" } },
  { name: "a call that gives nothing", method: "POST", path: "/rest/v1/rpc/forget_all", status: 204, body: "" },
  { name: "a call that can't be found", method: "POST", path: "/rest/v1/rpc/whoamy", send: { a: 1 }, status: 404, bodyMatching: { code: "PGRST202", hint: "Perhaps you meant to call the function public.whoami" } },
  { name: "a call that says its status itself", method: "POST", path: "/rest/v1/rpc/teapot", status: 418, bodyMatching: { message: "short and stout", hint: "pour" } },
  { name: "who anon is", method: "POST", path: "/rest/v1/rpc/whoami", status: 200, body: { role: "anon", sub: null, email: null, method: "POST" } },
  { name: "who a user is", path: "/rest/v1/rpc/whoami", as: ANN, status: 200, body: { role: "authenticated", ...ANN, method: "GET" } },
  { name: "who the service is", path: "/rest/v1/rpc/whoami", as: "service", status: 200, bodyMatching: { role: "service_role" } },
];

apiScenario("writing", LIBRARY, [...INSERTS, ...UPSERTS, ...CHANGES]);
apiScenario("users and calls", LIBRARY, [...USERS, ...CALLS]);
