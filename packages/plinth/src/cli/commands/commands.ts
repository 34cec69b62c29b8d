import type { Commands } from "../command.ts";
import { assets } from "./assets.ts";
import { auth } from "./auth.ts";
import { dev } from "./dev.ts";
import { doctor } from "./doctor.ts";
import { domains } from "./domains.ts";
import { gen } from "./gen.ts";
import { jobs } from "./jobs.ts";
import { keys } from "./keys.ts";
import { migrate } from "./migrate.ts";
import { projects } from "./projects.ts";
import { storage } from "./storage.ts";

/** Every command, in the order in which the usage text has them. */
export const COMMANDS: Commands = { dev, doctor, migrate, projects, keys, domains, auth, storage, assets, jobs, gen };
