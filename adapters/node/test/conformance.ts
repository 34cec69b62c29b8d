import { describe } from "vitest";
import { testBodies } from "./conformance/bodies.ts";
import { ALL_TRAITS } from "./conformance/host.ts";
import type { HostTraits, StartHost } from "./conformance/host.ts";
import { testLifecycle } from "./conformance/lifecycle.ts";
import { testMessages } from "./conformance/messages.ts";
import { testResponses } from "./conformance/responses.ts";
import { testStreams } from "./conformance/streams.ts";

/** What a handler may expect of every host, over real sockets. */
export function describeHost(name: string, start: StartHost, traits: HostTraits = ALL_TRAITS): void {
  describe(name, () => {
    describe("requests", () => testMessages(start, traits));
    describe("responses", () => testResponses(start, traits));
    describe("bodies", () => testBodies(start, traits));
    describe("streams", () => testStreams(start, traits));
    describe("lifecycle", () => testLifecycle(start));
  });
}
