import { expect } from "vitest";
import type { Expected } from "./api-request.ts";

/** A response that was read to its end. */
export interface Answer {
  readonly response: Response;
  readonly text: string;
}

export function expectResponse({ response, text }: Answer, expected: Expected): void {
  expect({ status: response.status, text }, text).toMatchObject({ status: expected.status });
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    if (value instanceof RegExp) expect(response.headers.get(name), name).toMatch(value);
    else expect(response.headers.get(name), name).toBe(value);
  }
  const body = readBody(response, text);
  if (expected.body !== undefined) expect(body).toEqual(expected.body);
  if (expected.bodyMatching !== undefined) expect(body).toMatchObject(expected.bodyMatching as object);
  expected.check?.(body, response);
}

function readBody(response: Response, text: string): unknown {
  return text !== "" && /\bjson\b/.test(response.headers.get("content-type") ?? "") ? JSON.parse(text) : text;
}

/** Everything that was sent: status text, headers and body. */
export const everythingIn = ({ response, text }: Answer): string => [...response.headers].flat().concat(text).join("\n");
