import { LRUCache } from "lru-cache";
import type { Project } from "../projects/project.ts";
import { mergeLimits, ProjectGate } from "./project-gate.ts";
import { limitsOf, type RequestLimits } from "./project-limits.ts";

/** Projects whose counts are remembered; one that was forgotten begins anew, with a full bucket. */
const MAX_GATES = 10_000;

interface Entry {
  readonly gate: ProjectGate;
  /** What its limits were read from. A project that has changed is another object. */
  project: Project;
}

/** Every project's gate, kept when its tenant is closed and opened again: nobody gets a fresh budget by that. */
export class ProjectGates {
  readonly #limits: RequestLimits;
  readonly #gates = new LRUCache<string, Entry>({ max: MAX_GATES });

  /** @param limits of projects whose `settings.limits` say nothing else */
  constructor(limits: RequestLimits) {
    this.#limits = limits;
  }

  gate(project: Project): ProjectGate {
    const known = this.#gates.get(project.ref);
    if (known === undefined) return this.#make(project);
    if (known.project !== project) {
      known.project = project;
      known.gate.change(mergeLimits(this.#limits, limitsOf(project)));
    }
    return known.gate;
  }

  #make(project: Project): ProjectGate {
    const gate = new ProjectGate(mergeLimits(this.#limits, limitsOf(project)));
    this.#gates.set(project.ref, { gate, project });
    return gate;
  }
}
