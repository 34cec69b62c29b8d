import { expect, test } from "vitest";
import { readJson } from "../src/endpoint/read-json.ts";

const request = (body: string) => new Request("http://backend", { method: "POST", body });

test("bodies that are nested too deep to be written again are refused, others read", async () => {
  const nested = (depth: number): string => `{"data":${"[".repeat(depth)}${"]".repeat(depth)}}`;
  await expect(readJson(request(nested(200_000)))).rejects.toMatchObject({ code: "bad_json", status: 400 });
  await expect(readJson(request(nested(1_001)))).rejects.toMatchObject({ code: "bad_json" });
  expect(await readJson(request(nested(900)))).toHaveProperty("data");
  const brackets = "[{".repeat(5_000);
  expect(await readJson(request(JSON.stringify({ data: `"${brackets}\\` })))).toEqual({ data: `"${brackets}\\` });
});
