import { lazyHandler, reply } from "@plinth/core";
import type { FetchHandler } from "@plinth/core";
import { expect, test, vi } from "vitest";

const handler: FetchHandler = { fetch: async () => reply("x") };

test("a handler is there at once, a promised one from its arrival on", async () => {
  expect(lazyHandler(handler)()).toBe(handler);
  const promised = lazyHandler(Promise.resolve(handler));
  expect(await promised()).toBe(handler);
  expect(promised()).toBe(handler);
});

test("a maker runs at the first request, once for all that come meanwhile", async () => {
  const make = vi.fn<() => Promise<FetchHandler>>(async () => handler);
  const current = lazyHandler(make);
  expect(make).not.toHaveBeenCalled();
  expect(await Promise.all([current(), current()])).toEqual([handler, handler]);
  expect(current()).toBe(handler);
  expect(make).toHaveBeenCalledTimes(1);
});

test.each([
  ["rejects", async () => Promise.reject(new Error("no database"))],
  ["throws", () => { throw new Error("no database"); }],
])("a maker that %s is asked again", async (_name, fail) => {
  const make = vi.fn<() => FetchHandler | Promise<FetchHandler>>(() => handler).mockImplementationOnce(fail);
  const current = lazyHandler(make);
  await expect(current()).rejects.toThrow("no database");
  expect(await current()).toBe(handler);
});
