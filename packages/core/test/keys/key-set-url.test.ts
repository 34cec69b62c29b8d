import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TokenVerifier } from "../../src/keys/token-verifier.ts";
import { type KeyPair, keyPair, NOW, SECRET, signWith } from "./tokens.ts";

interface Issuer {
  readonly url: string;
  keys: KeyPair[];
  status: number;
  fetches: number;
}

let server: Server;
let issuer: Issuer;

beforeEach(async () => {
  server = createServer((_request, response) => {
    issuer.fetches++;
    response.writeHead(issuer.status, { "content-type": "application/json" }).end(JSON.stringify({ keys: issuer.keys.map((pair) => pair.jwk) }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  issuer = { url: `http://127.0.0.1:${port}/.well-known/jwks.json`, keys: [keyPair("ES256", "first")], status: 200, fetches: 0 };
});

afterEach(async () => {
  vi.useRealTimers();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const verifier = (now = () => NOW): TokenVerifier => new TokenVerifier({ ref: "acme", secret: SECRET, jwks: { url: issuer.url }, anonRole: "anon", now });
const token = (pair: KeyPair, sub: string): Promise<string> => signWith(pair, { role: "authenticated", sub }, pair.jwk["kid"] as string);

/** Moves the clocks that key sets go by, and no timer. */
const later = (milliseconds: number): void => {
  vi.useFakeTimers({ toFake: ["Date", "performance"], now: Date.now() + milliseconds });
};

test("the set is fetched when first needed, once", async () => {
  const subject = verifier();
  expect(issuer.fetches).toBe(0);
  const callers = await Promise.all(["1", "2", "3"].map(async (sub) => await subject.verify(await token(issuer.keys[0]!, sub))));
  expect(callers.map((caller) => caller.claims["sub"])).toEqual(["1", "2", "3"]);
  expect(issuer.fetches).toBe(1);
});

test("an unknown kid has it fetched again, but not by every request", async () => {
  const subject = verifier();
  await subject.verify(await token(issuer.keys[0]!, "1"));
  const [second, unknown] = [keyPair("ES256", "second"), keyPair("ES256", "unknown")];
  issuer.keys.push(second);
  await expect(subject.verify(await token(unknown, "1"))).rejects.toThrow("No suitable key or wrong key type");
  expect(issuer.fetches).toBe(1);

  later(31_000);
  expect(await subject.verify(await token(second, "2"))).toMatchObject({ claims: { sub: "2" } });
  expect(issuer.fetches).toBe(2);
  for (const sub of ["1", "2", "3"]) await expect(subject.verify(await token(unknown, sub))).rejects.toThrow("No suitable key or wrong key type");
  expect(issuer.fetches).toBe(2);
});

test("an issuer that is away is not asked by every request, and never makes anybody anon", async () => {
  issuer.status = 500;
  const subject = verifier();
  for (const sub of ["1", "2", "3"]) {
    await expect(subject.verify(await token(issuer.keys[0]!, sub))).rejects.toMatchObject({ code: "PLINTH_KEY_SET_UNAVAILABLE", status: 503 });
  }
  expect(issuer.fetches).toBe(1);
});

test("while the issuer is away its last keys still count", async () => {
  const subject = verifier();
  await subject.verify(await token(issuer.keys[0]!, "1"));
  issuer.status = 500;
  later(601_000);
  expect(await subject.verify(await token(issuer.keys[0]!, "2"))).toMatchObject({ claims: { sub: "2" } });
  expect(issuer.fetches).toBe(2);
});

test("a key that was taken back is good no longer than the set is kept", async () => {
  let now = NOW;
  const subject = verifier(() => now);
  const first = await token(issuer.keys[0]!, "1");
  await subject.verify(first);
  issuer.keys = [keyPair("ES256", "second")];
  later(601_000);
  now += 601;
  await expect(subject.verify(first)).rejects.toThrow("No suitable key or wrong key type");
});
