import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { isOutOfReach, isPublicAddress, Outbound, type OutboundReach } from "@plinth/core";
import { afterAll, beforeAll, expect, test } from "vitest";

test.each(["93.184.215.14", "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "192.0.1.1", "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::1", "64:ff9b::808:808"])("%s is public", (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([
  "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.9.9.9", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.170", "192.0.2.1", "192.168.1.1",
  "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b::10.0.0.1",
  "64:ff9b:1::1", "fc00::1", "fd12::1", "fe80::1", "fe80::1%eth0", "2606:4700::1%eth0", "fec0::1", "ff02::1", "2001::1", "2001:db8::1", "2002:a00:1::", "3fff::1", "localhost", "",
])("%j is nobody's in public", (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

let server: Server;
let port: number;
let heard = 0;
const outbound = new Outbound();
beforeAll(async () => {
  server = createServer((request, response) => {
    heard++;
    if (request.url === "/away") response.writeHead(302, { location: "http://10.0.0.1/" }).end();
    else response.end(`${request.method} ${request.headers["x-asked"]}`);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  await outbound.close();
  server.close();
});

const ask = (reach: OutboundReach, host: string, path = "/") => outbound.within(reach)(`http://${host}:${port}${path}`, { method: "POST", body: "x", headers: { "x-asked": "yes" }, signal: AbortSignal.timeout(5_000) });
const refusal = (asked: Promise<Response>) => asked.then(() => undefined, (error: unknown) => isOutOfReach(error));

test.each(["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0.0.0.0", "[::1]"])("%s is not connected to by whoever may reach public addresses alone", async (host) => {
  const before = heard;
  expect(await refusal(ask("public", host))).toBe(true);
  expect(heard).toBe(before);
});

test.each(["loopback", "anywhere"] as const)("the machine itself is reached by whoever may go there: %s", async (reach) => {
  for (const host of ["127.0.0.1", "localhost"]) expect(await (await ask(reach, host)).text()).toBe("POST yes");
});

test("the machine itself is not all the networks that it is in, and nothing leads there", async () => {
  for (const host of ["10.255.255.1", "169.254.169.254", "[fd00::1]"]) expect(await refusal(ask("loopback", host))).toBe(true);
  expect(await refusal(ask("loopback", "127.0.0.1", "/away"))).toBe(true);
});

test("a connection of whoever may reach the machine is not lent to others", async () => {
  expect((await ask("loopback", "127.0.0.1")).ok).toBe(true);
  expect(await refusal(ask("public", "127.0.0.1"))).toBe(true);
});
