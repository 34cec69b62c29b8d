import type { CrudPlan } from "../plan/action-plan.ts";
import type { MainQuery } from "../query/main-query.ts";
import type { ApiRequest, Payload } from "../request/api-request.ts";
import type { PreparedRequest } from "./prepared-request.ts";
import { fillSlots, findSlots, type Sample, type Slot } from "./slots.ts";

/** A plan and its statement, into which a request's values have only to be put. */
export class KnownPlan {
  readonly #plan: CrudPlan;
  readonly #query: MainQuery;
  readonly #slots: readonly Slot[];

  private constructor(plan: CrudPlan, query: MainQuery, slots: readonly Slot[]) {
    this.#plan = plan;
    this.#query = query;
    this.#slots = slots;
  }

  /**
   * @param seen what was made of a request with `values`
   * @param prepareMarked makes the same of a request that differs in all its values
   * @returns undefined where the two differ in more than what was put in
   */
  static learn(seen: PreparedRequest, values: readonly string[], prepareMarked: () => { readonly prepared: PreparedRequest; readonly values: readonly string[] }): KnownPlan | undefined {
    if (seen.query === undefined || seen.query.explainCount !== undefined || seen.plan.mediaType.kind === "plan") return undefined;
    const { prepared: marked, values: markers } = prepareMarked();
    if (marked.query === undefined || marked.query.main.sql !== seen.query.main.sql) return undefined;
    const slots = findSlots(sampleOf(seen.request, seen.query, values), sampleOf(marked.request, marked.query, markers));
    return slots && new KnownPlan(marked.plan, marked.query, slots);
  }

  /** @param request one of those whose plan this is */
  prepare(request: ApiRequest, values: readonly string[]): PreparedRequest {
    const { main } = this.#query;
    const parameters = fillSlots(this.#slots, values, rawOf(request.payload));
    return { request, plan: this.#plan, query: { ...this.#query, main: { sql: main.sql, parameters } } };
  }
}

const sampleOf = ({ payload }: ApiRequest, { main }: MainQuery, values: readonly string[]): Sample => ({ values, body: rawOf(payload), parameters: main.parameters });

const rawOf = (payload: Payload | undefined): string | undefined => (payload?.kind === "json" || payload?.kind === "rawJson" ? payload.raw : undefined);
