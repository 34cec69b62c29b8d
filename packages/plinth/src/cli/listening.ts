import { CommandError } from "./command-error.ts";

const LISTEN_PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: "is in use already: stop what listens there, or choose another",
  EACCES: "may not be listened on by this user: choose one above 1023",
  EADDRNOTAVAIL: "is on no address of this machine: check --host",
  ENOTFOUND: "is on no address of this machine: check --host",
};

/** Where a server is to listen, and which flag says so. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly flag: "--port" | "--db-port";
}

/** Why a server could not listen, in words where they are known. */
export function listenError(error: unknown, { host, port, flag }: Place): unknown {
  const problem = LISTEN_PROBLEMS[(error as NodeJS.ErrnoException).code ?? ""];
  if (problem === undefined) return error;
  const choice = problem.includes("choose") ? ` with ${flag} (0 takes a free one)` : "";
  return new CommandError(`port ${port} on ${host} ${problem}${choice}.`, { cause: error });
}
