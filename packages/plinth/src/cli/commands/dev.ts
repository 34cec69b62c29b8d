import { dev as run } from "../dev.ts";
import { defineCommand } from "../command.ts";
import { SERVER_FLAGS } from "../server-flags.ts";

export const dev = defineCommand({ summary: "Serve a backend on a port, with no host application", flags: SERVER_FLAGS, run });
