import type { CommandGroup } from "../command.ts";
import { generateTypes } from "./gen-types.ts";

export const gen: CommandGroup = {
  summary: "Write code that follows from a project's database",
  commands: { types: generateTypes },
};
