import { literal } from "../source-text.ts";

/**
 * `Tables<"todos">`, `Enums<{ schema: "api" }, "mood">` and their like, by which application code names rows and enums.
 * @param defaultSchema the one that is meant where none is named
 */
export const helperTypes = (defaultSchema: string): string => `type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, ${literal(defaultSchema)}>]

${HELPERS.map(helperType).join("\n\n")}`;

interface Helper {
  readonly name: string;
  /** What of a schema it looks into. */
  readonly sections: readonly string[];
  /** Which part of what it finds there it gives; all of it where undefined. */
  readonly part?: "Row" | "Insert" | "Update";
}

const HELPERS: readonly Helper[] = [
  { name: "Tables", sections: ["Tables", "Views"], part: "Row" },
  { name: "TablesInsert", sections: ["Tables"], part: "Insert" },
  { name: "TablesUpdate", sections: ["Tables"], part: "Update" },
  { name: "Enums", sections: ["Enums"] },
  { name: "CompositeTypes", sections: ["CompositeTypes"] },
];

function helperType({ name, sections, part }: Helper): string {
  const within = (schema: string): string => {
    const found = sections.map((section) => `${schema}["${section}"]`).join(" & ");
    return sections.length === 1 ? found : `(${found})`;
  };
  const pick = (found: string): string => (part === undefined ? found : `${found} extends { ${part}: infer T } ? T : never`);
  const named = 'DatabaseWithoutInternals[NameOrSchema["schema"]]';
  return `export type ${name}<
  NameOrSchema extends keyof ${within("DefaultSchema")} | { schema: keyof DatabaseWithoutInternals },
  Name extends NameOrSchema extends { schema: keyof DatabaseWithoutInternals } ? keyof ${within(named)} : never = never,
> = NameOrSchema extends { schema: keyof DatabaseWithoutInternals }
  ? ${pick(`${within(named)}[Name]`)}
  : NameOrSchema extends keyof ${within("DefaultSchema")}
    ? ${pick(`${within("DefaultSchema")}[NameOrSchema]`)}
    : never`;
}
