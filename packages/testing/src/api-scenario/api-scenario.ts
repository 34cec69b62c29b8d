import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { credentials, headersFor, tokenFor } from "../credentials.ts";
import { describeDatabases } from "../describe-databases.ts";
import type { OpenDoor } from "./api-door.ts";
import { type ApiRequest, mayWrite, toInit } from "./api-request.ts";
import { type ApiWorld, type ApiWorldOptions, openApiWorld, OWN_MARK } from "./api-world.ts";
import { type Answer, everythingIn, expectResponse } from "./expect-response.ts";

/**
 * Makes requests to a backend and holds the responses against what is expected: on native PostgreSQL and on the embedded
 * database, through every door, each on the same rows. Each is then made with another project's key and token, which must
 * show and change nothing of this one's, with the two projects' credentials mixed, and with none, which must be refused.
 * Needs `@plinth/testing/global-setup` as Vitest's `globalSetup`.
 *
 * @example
 * apiScenario("todos", { schema: TODOS, data: (mark) => `delete from todos; insert into todos values (1, '${mark}')`, doors: [FETCH_DOOR] }, [
 *   { name: "are listed", path: "/rest/v1/todos?select=id", ask: { prefer: "count=exact" }, status: 200, headers: { "content-range": "0-0/1" }, body: [{ id: 1 }] },
 * ]);
 */
export function apiScenario(title: string, options: ApiWorldOptions, requests: readonly ApiRequest[]): void {
  describeDatabases(title, (databases) => {
    let opened: ApiWorld | undefined;
    const world = (): ApiWorld => opened as ApiWorld;
    beforeAll(async () => {
      opened = await openApiWorld(databases, options);
    });
    afterAll(() => opened?.close());
    for (const { name } of options.doors) {
      describe(`through ${name}`, () => {
        test.each(requests)("$name", (request) => expectAsAsked(world(), doorOf(world(), name), request));
      });
    }
    const door = () => doorOf(world(), options.doors[0]?.name ?? "");
    test.each(requests)("another project: $name", (request) => expectNothingSeen(world(), door(), request));
    test.each(requests)("refused: $name", (request) => expectRefused(world(), door(), request));
  });
}

function doorOf({ doors }: ApiWorld, name: string): OpenDoor {
  const door = doors.get(name);
  if (!door) throw new Error(`No door "${name}".`);
  return door;
}

/** Finds the rows as they were made, whatever was asked before. */
async function ask(world: ApiWorld, door: OpenDoor, request: ApiRequest, headers: Readonly<Record<string, string>>): Promise<Answer> {
  await world.restore();
  if (mayWrite(request)) world.touch();
  return send(door, request, headers);
}

async function send(door: OpenDoor, request: ApiRequest, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const response = await door.fetch(door.url + request.path, toInit(request, headers));
  return { response, text: await response.text() };
}

async function expectAsAsked(world: ApiWorld, door: OpenDoor, request: ApiRequest): Promise<void> {
  expectResponse(await ask(world, door, request, headersFor(world.own, request.as ?? "anon")), request);
  if (!request.asAnon) return;
  expectResponse(await ask(world, door, request, headersFor(world.own, "anon")), request.asAnon);
}

/** The other project has the same tables, so the request may well succeed: on its own rows. */
async function expectNothingSeen(world: ApiWorld, door: OpenDoor, request: ApiRequest): Promise<void> {
  await expectUnchanged(world, request, async () => {
    const answer = await ask(world, door, request, headersFor(world.other, request.as ?? "anon"));
    expect(answer.response.status, answer.text).toBeLessThan(500);
    expect(everythingIn(answer)).not.toContain(OWN_MARK);
  });
}

/** One project's key with the other's token, and nothing at all. */
async function expectRefused(world: ApiWorld, door: OpenDoor, request: ApiRequest): Promise<void> {
  const { own, other } = world;
  const mixed = [
    credentials(own.anonKey, other.serviceRoleKey),
    credentials(other.serviceRoleKey, own.anonKey),
    credentials(own.anonKey, tokenFor(other, typeof request.as === "object" ? request.as : { sub: "a-user" })),
    credentials(other.anonKey, tokenFor(own, typeof request.as === "object" ? request.as : { sub: "a-user" })),
    {},
  ];
  await expectUnchanged(world, request, async () => {
    for (const headers of mixed) {
      const answer = await send(door, request, headers);
      expect(answer.response.status, answer.text).toBe(401);
      expect(everythingIn(answer)).not.toContain(OWN_MARK);
    }
  });
}

async function expectUnchanged(world: ApiWorld, request: ApiRequest, work: () => Promise<void>): Promise<void> {
  if (!mayWrite(request)) return work();
  const { before, after } = await world.compare(work);
  expect(after).toBe(before);
}
