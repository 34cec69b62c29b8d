import { countJobs } from "@plinth/core";
import { type Finding, ok, warning } from "../check.ts";
import type { ProjectsCheck } from "./surroundings.ts";

/** Jobs whose attempts are used up, and those that nobody works. */
export const checkJobs: ProjectsCheck = async ({ platform: { metadata } }): Promise<readonly Finding[]> => {
  const counts = await countJobs(metadata.db);
  if (counts === undefined) return [];
  const { dead, late } = counts;
  const findings: Finding[] = [];
  if (dead > 0) findings.push(warning("Jobs", `${dead} ${dead === 1 ? "job has" : "jobs have"} failed for good.`, "See why: plinth jobs dead. Then plinth jobs retry ID (or --all), or plinth jobs forget."));
  if (late > 0) findings.push(warning("Jobs", `${late} ${late === 1 ? "job is" : "jobs are"} due for more than 10 minutes.`, "Let a process work the queue: await backend.start()."));
  return findings.length > 0 ? findings : [ok("Jobs", "none have failed for good")];
};
