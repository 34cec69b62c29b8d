/** A command can't do what it was told. The message says why to whoever typed it; no stack is shown. */
export class CommandError extends Error {
  readonly exitCode: number = 1;
}

/** The command line or the configuration file is wrong: exit code 2, as of other commands. */
export class UsageError extends CommandError {
  override readonly exitCode = 2;
}
