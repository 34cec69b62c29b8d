import { beforeAll, expect, test } from "vitest";
import { generateTypes } from "../../src/typescript/generate-types.ts";
import { describeScratchDatabase } from "../schema-cache/support/scratch-database.ts";
import { SHOP_SCHEMA } from "./support/shop-schema.ts";

const SCHEMAS = ["public", "api", "odd-schema"];

describeScratchDatabase("types", (database) => {
  const types = (options: Partial<Parameters<typeof generateTypes>[1]> = {}) => generateTypes(database(), { schemas: SCHEMAS, ...options });

  beforeAll(() => database().script(SHOP_SCHEMA));

  // The files are what consumers/ is compiled against, with tsc and the installed clients: by the check of types of the whole repository.
  test("are the same for the same schema, whatever the database", async () => {
    await expect(await types()).toMatchFileSnapshot("generated/shop-supabase.ts");
    await expect(await types({ format: "kysely" })).toMatchFileSnapshot("generated/shop-kysely.ts");
    expect(await types({ schemas: SCHEMAS.toReversed() })).toBe(await types());
  });

  test("are of the schemas asked for: others' enums and rows are written out", async () => {
    const text = await types({ schemas: ["api"] });
    expect(text).toContain('mood: Database["api"]["Enums"]["mood"]\n');
    expect(text).toContain(`status: "draft" | "on sale" | "it's \\"gone\\"" | null\n`);
    expect(text).not.toContain('Database["public"]');
    expect(text).toContain('Extract<keyof Database, "api">');
  });

  test("say which schema isn't there, unless it may be missing", async () => {
    await expect(types({ schemas: ["public", "nope"] })).rejects.toMatchObject({
      code: "PLINTH_SCHEMA_NOT_FOUND",
      message: 'The database has no schema "nope".',
      hint: expect.stringMatching(/^It has these: api, hidden, odd-schema, .*public/),
    });
    expect(await types({ schemas: ["nope"], allowMissing: true })).toContain("nope: {\n    Tables: {\n      [_ in never]: never\n    }\n");
  });
});
