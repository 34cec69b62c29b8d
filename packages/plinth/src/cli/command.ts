import { UsageError } from "./command-error.ts";
import { type Flags, type FlagValues, parseFlags } from "./flags.ts";

/** What a command takes besides flags, in order. */
export interface Argument {
  /** e.g. "REF". */
  readonly name: string;
  readonly optional?: boolean;
}

/** A command as the tables of usage and of names know it. */
export interface Command {
  /** One line; begins with a verb. */
  readonly summary: string;
  readonly arguments: readonly Argument[];
  readonly flags: Flags;
  /**
   * @param name as it was called: "projects list"
   * @returns the process's exit code; undefined keeps it running
   */
  run(args: readonly string[], name: string): Promise<number | undefined>;
}

export type Commands = Readonly<Record<string, Command | CommandGroup>>;

/** Commands below one name: `plinth projects …`. */
export interface CommandGroup {
  readonly summary: string;
  readonly commands: Commands;
}

export interface CommandDefinition<F extends Flags> {
  readonly summary: string;
  readonly arguments?: readonly Argument[];
  readonly flags: F;
  run(flags: FlagValues<F>, values: readonly string[]): Promise<number | undefined>;
}

export function defineCommand<const F extends Flags>({ summary, arguments: names = [], flags, run }: CommandDefinition<F>): Command {
  return {
    summary,
    arguments: names,
    flags,
    async run(args, name) {
      const parsed = parseFlags(args, flags, name);
      assertArguments(parsed.values, names, name);
      return run(parsed.flags, parsed.values);
    },
  };
}

function assertArguments(values: readonly string[], names: readonly Argument[], command: string): void {
  const missing = names.slice(values.length).find(({ optional }) => !optional);
  if (missing !== undefined) throw new UsageError(`${missing.name} is missing.\nSee "plinth ${command} --help".`);
  if (values.length > names.length) throw new UsageError(`Unexpected argument '${values[names.length]}'.\nSee "plinth ${command} --help".`);
}
