import { describe, expect, test } from "vitest";
import { isAllowedRedirect } from "../src/redirects/allowed-redirect.ts";
import { createGlob } from "../src/redirects/glob.ts";

const SITE = "https://app.example.com";
const LIST = ["com.example.app://callback", "https://*.example.org/**", "https://*-preview.example.net", "myapp://**", "https://{a,b}.example.io/[a-z]?", "exp://192.168.1.5:8081/**", "https://exact.example.com?x=*"];

describe("browsers may be led to", () => {
  test.each([
    "https://app.example.com", "https://app.example.com/x?y#z", "HTTPS://APP.example.com/", "https://app.example.com:443/", "com.example.app://callback", "com.example.app://callback#fragment", "myapp://any/where?at=all",
    "https://a.example.org/x/y", "https://x-preview.example.net", "https://a.example.io/bc", "http://127.0.0.1:3000/callback", "http://[::1]:3000/", "exp://192.168.1.5:8081/--/x", "https://exact.example.com?x=1",
  ])("%s", (target) => expect(isAllowedRedirect(target, SITE, LIST)).toBe(true));
});

describe("browsers may not be led to", () => {
  test.each([
    "", "/x", "//app.example.com", "app.example.com", "http://app.example.com/", "https://app.example.com:8443/", "https://app.example.com@evil.example/", "https://app.example.com:443@evil.example/", "https://user@app.example.com/",
    "https://evil-app.example.com/", "https://evil.app.example.com/", "https://app.example.com/x\\y", "myapp://any\\where", "https://a$b.example.org/x", "https://a'b.example.org/x",
    "https://app.example.com\\@evil.example", "https:\\\\app.example.com", "https:/app.example.com", "https:app.example.com", "https:///app.example.com", "https://app.example.com%2eevil.example/", "https://app.example.com.", "https://app.example.com\t/",
    "https://app.example.com\n.evil.example/", "https://\u0430pp.example.com/", "https://evil.example/.example.org/x", "https://evil?.example.org/x", "https://evil#.example.org/", "https://evil?-preview.example.net", "https://a.b-preview.example.net",
    "https://134744072?-preview.example.net", "http://2130706433/", "http://0x7f.1/", "https://8.8.8.8/", "http://localhost:3000/", "javascript:alert(1)", "javascript://app.example.com/%0aalert(1)", "data:text/html,x", "blob:https://app.example.com/1",
    "com.example.app://callback.evil", "com.example.app.evil://callback", "evil://127.0.0.1/", "myapp://user@any/where", "myapp://user:password@any/where", "https://c.example.io/bc", "https://a.example.io/1c", `https://a.example.org/${"x".repeat(10_000)}`,
  ])("%j", (target) => expect(isAllowedRedirect(target, SITE, LIST)).toBe(false));
});

test.each(["javascript:alert(1)", "javascript://app.example.com/%0aalert(1)", "data:text/html,x", "blob:https://app.example.com/1", "file:///etc/passwd", "view-source:https://app.example.com/"])("no pattern allows %s", (target) => {
  expect(isAllowedRedirect(target, SITE, ["**", target])).toBe(false);
});

test("on the machine itself any port is the site's, and any of its names", () => {
  expect(isAllowedRedirect("http://localhost:5173/x", "http://localhost:3000", [])).toBe(true);
  expect(isAllowedRedirect("http://localhost:5173/x", "http://127.0.0.1:3000", [])).toBe(true);
  expect(isAllowedRedirect("https://localhost:5173/x", "http://localhost:3000", [])).toBe(false);
  expect(isAllowedRedirect("http://app.localhost:5173/x", "http://127.0.0.1:3000", [])).toBe(false);
});

test.each([
  ["*.com", "a.com", true], ["*.com", "a.b.com", false], ["**.com", "a.b.com", true], ["a?c", "abc", true], ["a?c", "a.c", false], ["[abc]", "b", true], ["[!abc]", "b", false], ["[!a-c]", "d", true], ["{a,b*}/c", "bx/c", true],
  ["{a,{b,c}}", "c", true], ["a\\*", "a*", true], ["a\\*", "ab", false], ["a,b", "a,b", true], ["a.b", "axb", false], ["a+b(c)|^$", "a+b(c)|^$", true], ["[", "[", true], ["{a", "{a", true], ["{a", "a", false], ["a}", "a", false],
] as const)("%j of %j: %j", (pattern, text, expected) => expect(createGlob(pattern).matches(text)).toBe(expected));
