import { defineCommand } from "../command.ts";
import { toggle } from "../flags.ts";
import { SERVER_FLAGS } from "../server-flags.ts";

export const doctor = defineCommand({ summary: "Check this machine, the configuration and every project, and say what is missing", flags: { ...SERVER_FLAGS, json: toggle("Print the findings as one line of JSON") }, run: async (flags) => (await import("../doctor.ts")).doctor(flags) });
