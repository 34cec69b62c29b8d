import path from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take longest, longest first. A name that no file has any more does no harm. */
const LONGEST = [
  "test/faults/tenancy/kills.test.ts",
  "test/scenarios/export-import.test.ts",
  "test/fuzz/planned.test.ts",
  "packages/plinth/test/cli/dev.test.ts",
  "test/faults/auth-races.test.ts",
  "test/fuzz/answered.test.ts",
  "test/faults/embedded-crash.test.ts",
];

/**
 * Begins with the files that take longest, so that the run does not end with one process at work and the others idle.
 * Vitest knows how long files took from a run before; without one, as from a fresh checkout, it goes by their size.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => LONGEST.indexOf(path.relative(this.ctx.config.root, moduleId).replaceAll(path.sep, "/"));
    const sorted = await super.sort(files);
    const longest = sorted.filter((file) => rank(file) !== -1).toSorted((a, b) => rank(a) - rank(b));
    return [...longest, ...sorted.filter((file) => rank(file) === -1)];
  }
}
