import type { InfoPlan } from "../plan/action-plan.ts";
import type { Table } from "../schema-cache/table.ts";
import { finish } from "./finish.ts";
import type { ResponseContext } from "./response-context.ts";

type AllowedMethods<P extends InfoPlan> = (plan: P) => string;

const ALLOWED: { readonly [K in InfoPlan["kind"]]: AllowedMethods<Extract<InfoPlan, { kind: K }>> } = {
  relationInfo: ({ table }) => tableMethods(table),
  routineInfo: ({ routine }) => (routine.volatility === "volatile" ? "OPTIONS,POST" : "OPTIONS,GET,HEAD,POST"),
  schemaInfo: () => "OPTIONS,GET,HEAD",
};

/** OPTIONS: what may be done with the target, by what it is; privileges are another matter. Who may ask is CORS's. */
export function infoResponse(plan: InfoPlan, context: ResponseContext): Response {
  const allow = (ALLOWED[plan.kind] as AllowedMethods<InfoPlan>)(plan);
  return finish(plan, 200, { Allow: allow }, "", context);
}

function tableMethods({ insertable, updatable, deletable, primaryKey }: Table): string {
  const methods = [
    "OPTIONS,GET,HEAD",
    insertable && "POST",
    insertable && updatable && primaryKey.length > 0 && "PUT",
    updatable && "PATCH",
    deletable && "DELETE",
  ];
  return methods.filter(Boolean).join(",");
}
