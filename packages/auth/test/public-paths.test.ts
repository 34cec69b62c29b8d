import { expect, test } from "vitest";
import { isPublicPath } from "../src/endpoint/public-paths.ts";
import { ENDPOINTS } from "../src/endpoints.ts";

test("paths that need no key are those of the public endpoints", () => {
  const open = ENDPOINTS.filter(({ access }) => access === "public").map(({ path }) => path);
  expect(open.filter((path) => !isPublicPath(path))).toEqual([]);
  const others = ENDPOINTS.map(({ path }) => path).filter((path) => !open.includes(path));
  expect(others.filter((path) => isPublicPath(path) || isPublicPath(path.replaceAll(/:\w+/g, "x")))).toEqual([]);
  expect([isPublicPath("/verify/"), isPublicPath("/verify/x"), isPublicPath("/")]).toEqual([true, false, false]);
});
