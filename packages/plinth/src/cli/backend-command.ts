import type { Backend } from "../backend/backend.ts";
import { type Answer, say } from "./answer.ts";
import { type Argument, type Command, defineCommand } from "./command.ts";
import { confirm } from "./confirm.ts";
import { type Flags, type FlagValues, text, toggle } from "./flags.ts";
import { loadOptions } from "./load-options.ts";

/** By which a command finds the backend, and how it answers. */
export const BACKEND_FLAGS = {
  data: text("DIR", "Folder of the embedded databases and the master key (default ./.plinth)"),
  databaseUrl: text("URL", "PostgreSQL >= 15 that the backend runs on instead of the embedded database"),
  config: text("FILE", "Module whose default export is BackendOptions (default ./plinth.config.ts or .mjs, where one exists)"),
  json: toggle("Answer with one line of JSON"),
};

const YES = { yes: toggle("Don't ask") };

interface BackendCommand<F extends Flags> {
  readonly summary: string;
  readonly arguments?: readonly Argument[];
  readonly flags?: F;
  /**
   * What of the flags doesn't go together.
   * @throws UsageError
   */
  readonly check?: (flags: FlagValues<F>) => void;
  /** What is about to be done and can't be undone, as a sentence: asked about unless `--yes` is given. */
  readonly confirm?: (values: readonly string[], flags: FlagValues<F>) => string;
  run(backend: Backend, values: readonly string[], flags: FlagValues<F>): Promise<Answer>;
}

/** A command that works on a backend: opened without making or migrating its default project, and closed afterwards. */
export function backendCommand<const F extends Flags = Record<never, never>>(spec: BackendCommand<F>): Command {
  const flags = { ...(spec.flags ?? ({} as F)), ...(spec.confirm ? YES : {}), ...BACKEND_FLAGS };
  return defineCommand({
    summary: spec.summary,
    arguments: spec.arguments ?? [],
    flags,
    async run(all, values) {
      const given = all as FlagValues<F> & FlagValues<typeof BACKEND_FLAGS> & { readonly yes?: boolean };
      spec.check?.(given);
      if (spec.confirm) await confirm(spec.confirm(values, given), given.yes === true);
      const options = await loadOptions(given);
      // Not before it is needed: usage texts and wrong flags don't wait for all of a backend to be loaded.
      const { openAdministration } = await import("../backend/create-backend.ts");
      const backend = await openAdministration(options);
      try {
        return say(await spec.run({ ...backend, projects: backend.projects.as("cli") }, values, given), given.json);
      } finally {
        await backend.close();
      }
    },
  });
}
