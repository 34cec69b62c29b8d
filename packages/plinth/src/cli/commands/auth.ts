import process from "node:process";
import type { ImportedUsers } from "@plinth/auth";
import { type Answer, fields, table } from "../answer.ts";
import { backendCommand } from "../backend-command.ts";
import type { CommandGroup } from "../command.ts";
import { UsageError } from "../command-error.ts";
import { number, text, toggle } from "../flags.ts";
import { readSecret } from "../read-secret.ts";
import { defined } from "./defined.ts";

const importUsers = backendCommand({
  summary: "Take over the users of a GoTrue database with passwords, identities and factors; again, and only what is missing is done",
  flags: {
    from: text("URL", 'Connection string of the GoTrue database, "-" to read it from standard input: arguments are to be seen by whoever is on the machine'),
    schema: text("NAME", "In place of --from: where in the project's own database GoTrue's tables were restored; \"auth\" for the project's own tables"),
    ref: text("REF", "The project to take them into (default: the default project)"),
    batch: number("N", "Users in one transaction (default 500)", { min: 1, max: 10_000 }),
    withoutTriggers: toggle("Leave the triggers of the project's own on auth.users out"),
  },
  check({ from, schema }) {
    if ((from === undefined) === (schema === undefined)) throw new UsageError('One of --from and --schema is needed: where the users are.\nSee "plinth auth import --help".');
  },
  async run(backend, _values, { from, schema = "auth", ref, batch, withoutTriggers }) {
    const source = from === undefined ? { schema } : from === "-" ? await readSecret("-") : from;
    const onProgress = ({ read }: { readonly read: number }): void => void process.stderr.write(`${read} users read\n`);
    return answer(await backend.importUsers({ from: source, withoutTriggers, onProgress, ...defined({ ref, batchSize: batch }) }));
  },
});

/** Users who were left out make it fail. */
function answer(result: ImportedUsers): Answer {
  const { problems, ...counts } = result;
  const listed = table(problems, [["USER", ({ userId }) => userId], ["EMAIL", ({ email }) => email], ["PROBLEM", ({ code }) => code], ["", ({ message }) => message]], "No problems.");
  return { json: result, text: `${fields({ ...counts })}\n\n${listed}`, code: result.failed > 0 ? 1 : 0 };
}

export const auth: CommandGroup = { summary: "Import users", commands: { import: importUsers } };
