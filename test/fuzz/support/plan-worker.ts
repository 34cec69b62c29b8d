import { parentPort, workerData } from "node:worker_threads";
import { BackendError } from "@plinth/core";
import type { RestConfig } from "../../../packages/rest/src/config/rest-config.ts";
import type { SchemaCache } from "../../../packages/rest/src/schema-cache/schema-cache.ts";
import { describeRequest, type FuzzRequest, fuzzRequest } from "./fuzz-request.ts";
import { KnownTwins, planOffline } from "./plan-offline.ts";
import { statementCheck } from "./statement-check.ts";
import { vocabularyOf } from "./vocabulary.ts";

// A thread of its own, in which sources run as they are: transformed for a test they take half as long again.

export interface PlanWork {
  readonly cache: SchemaCache;
  readonly config: RestConfig;
  readonly seed: number;
  readonly from: number;
  readonly count: number;
}

export interface PlannedWork {
  /** How many there were of each refusal, by its code, and of each number of statements. */
  readonly kinds: ReadonlyMap<string | number, number>;
  /** The first few. */
  readonly problems: readonly string[];
}

/** The slowest may take, in milliseconds of this thread; the usual ones take some hundredths. */
const SLOW = 250;
/** One in so many is also compared with what is made of it once requests like it are known. */
const TWINS = 32;
const MANY_PROBLEMS = 10;

const { cache, config, seed, from, count } = workerData as PlanWork;
const vocabulary = vocabularyOf(cache, "public");
const check = statementCheck(cache);
const twins = new KnownTwins(cache, config);

interface Outcome {
  readonly kind: string | number;
  readonly problem: string | undefined;
}

function outcomeOf(request: FuzzRequest): Outcome {
  try {
    const statements = planOffline(request, cache, config);
    const problem = statements.map((statement) => check(statement, request.plain)).find((found) => found !== undefined);
    return { kind: statements.length, problem: problem ?? (request.number % TWINS === 0 ? twins.problem(request) : undefined) };
  } catch (error) {
    if (!(error instanceof BackendError)) return { kind: "crash", problem: String(error instanceof Error ? error.stack : error) };
    const isRefusal = error.status >= 300 && error.status < 500 && /^PGRST[12]\d\d$/.test(error.code);
    return { kind: error.code, problem: isRefusal ? undefined : `was refused with ${error.status} ${error.code}` };
  }
}

/** Others use the processor as well: what took long is timed by itself. */
function isSlow(request: FuzzRequest): boolean {
  const before = process.threadCpuUsage();
  outcomeOf(request);
  const { user, system } = process.threadCpuUsage(before);
  return user + system > SLOW * 1_000;
}

function run(): PlannedWork {
  // Most requests are refused, and nobody reads where.
  Error.stackTraceLimit = 0;
  const kinds = new Map<string | number, number>();
  const problems: string[] = [];
  for (let number = from; number < from + count && problems.length < MANY_PROBLEMS; number++) {
    const request = fuzzRequest(seed, number, vocabulary);
    const started = performance.now();
    const { kind, problem } = outcomeOf(request);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    if (problem !== undefined) problems.push(`${problem}\n${describeRequest(seed, request)}`);
    else if (performance.now() - started > SLOW && isSlow(request)) problems.push(`took more than ${SLOW} ms\n${describeRequest(seed, request)}`);
  }
  return { kinds, problems };
}

parentPort?.postMessage(run(), []);
