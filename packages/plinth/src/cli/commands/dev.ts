import { defineCommand } from "../command.ts";
import { DEV_FLAGS } from "../dev-flags.ts";

export const dev = defineCommand({ summary: "Serve a backend on a port, with no host application", flags: DEV_FLAGS, run: async (flags) => (await import("../dev.ts")).dev(flags) });
