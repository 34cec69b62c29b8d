import { doctor as run } from "../doctor.ts";
import { defineCommand } from "../command.ts";
import { SERVER_FLAGS } from "../server-flags.ts";

export const doctor = defineCommand({ summary: "Check this machine, the configuration and every project, and say what is missing", flags: SERVER_FLAGS, run });
