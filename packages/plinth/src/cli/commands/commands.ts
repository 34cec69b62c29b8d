import type { Command, CommandGroup } from "../command.ts";
import { dev } from "./dev.ts";
import { doctor } from "./doctor.ts";
import { migrate } from "./migrate.ts";
import { projects } from "./projects.ts";

/** Every command, in the order in which the usage text has them. */
export const COMMANDS: Readonly<Record<string, Command | CommandGroup>> = { dev, doctor, migrate, projects };
