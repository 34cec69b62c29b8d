import { backendCommand } from "../backend-command.ts";
import { UsageError } from "../command-error.ts";
import { choice, text, texts } from "../flags.ts";
import { TYPES_FORMATS } from "../types-formats.ts";
import { writeTypes } from "../write-types.ts";

export const generateTypes = backendCommand({
  summary: "Write TypeScript types of a project's live schema, for supabase-js or Kysely",
  arguments: [{ name: "REF", optional: true }],
  flags: {
    schema: texts("NAMES", "Schemas, with commas between them (default: those that requests are served from)"),
    format: choice(TYPES_FORMATS, "supabase, for createClient<Database>(), or kysely, for tenant.transaction<DB, …>() (default supabase)"),
    output: text("FILE", "Where to write them (default: standard output)"),
  },
  check: ({ schema }) => void namesIn(schema),
  async run(backend, [ref = backend.defaultRef], { schema, format = "supabase", output }) {
    if (ref === undefined) throw new UsageError('REF is missing: the configuration says project: false, so that there is no default project.\nSee "plinth gen types --help".');
    const schemas = schema.length === 0 ? undefined : namesIn(schema);
    const types = await backend.generateTypes({ ref, schemas, format });
    if (output === undefined) return { json: { ref, format, types }, text: types.trimEnd() };
    const changed = await writeTypes(output, types);
    return { json: { ref, format, file: output, changed }, text: `The types of the project "${ref}" are in ${output}${changed ? "" : ", as they were"}.` };
  },
});

/** @throws UsageError */
function namesIn(lists: readonly string[]): readonly string[] {
  const names = lists.flatMap((list) => list.split(",")).map((name) => name.trim());
  if (names.includes("")) throw new UsageError(`--schema takes names with commas between them, not "${lists.join(",")}".`);
  return [...new Set(names)];
}
