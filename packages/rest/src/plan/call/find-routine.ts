import { ambiguousRoutines, routineNotFound } from "../../errors/schema-cache-errors.ts";
import type { MediaType } from "../../media-type/media-type.ts";
import { identifierKey } from "../../schema-cache/identifiers.ts";
import type { QualifiedIdentifier } from "../../schema-cache/identifiers.ts";
import type { Routine } from "../../schema-cache/routine.ts";
import type { SchemaCache } from "../../schema-cache/schema-cache.ts";
import { suggestRoutine } from "../suggestions/suggest-routine.ts";

/** What is known of a routine that is looked for. */
export interface RoutineSearch {
  readonly target: QualifiedIdentifier;
  /** Names of the arguments given. */
  readonly keys: ReadonlySet<string>;
  readonly contentType: MediaType;
  readonly byPost: boolean;
}

/** Types of a single unnamed parameter that takes a body whole, by the body's media type. */
const BODY_TYPES: { readonly [K in MediaType["kind"]]?: readonly string[] } = {
  json: ["json", "jsonb"],
  text: ["text"],
  xml: ["xml"],
  "octet-stream": ["bytea"],
};

/** Media types of bodies that can't be taken apart into named arguments. */
const OPAQUE_BODIES: ReadonlySet<MediaType["kind"]> = new Set(["text", "xml", "octet-stream"]);

/**
 * Chooses among the overloads by the names of the arguments; one that takes the body as its only, unnamed
 * parameter is called where no other fits.
 * https://docs.postgrest.org/en/stable/references/api/functions.html
 *
 * @throws BackendError PGRST202 if none fits, PGRST203 if several do
 */
export function findRoutine(search: RoutineSearch, cache: SchemaCache): Routine {
  const overloads = cache.routines.get(identifierKey(search.target)) ?? [];
  const named = overloads.filter((routine) => takesArguments(routine, search));
  const candidates = named.length > 0 ? named : overloads.filter((routine) => takesBody(routine, search));
  const [chosen, other] = candidates;
  if (chosen === undefined) throw notFound(search, overloads, cache);
  if (other !== undefined) throw ambiguousRoutines(candidates);
  return chosen;
}

function takesArguments({ params }: Routine, { keys, contentType, byPost }: RoutineSearch): boolean {
  if (params.length === 0) return keys.size === 0 && !(byPost && OPAQUE_BODIES.has(contentType.kind));
  let matched = 0;
  const seen = new Set<string>();
  for (const { name, required } of params) {
    if (seen.has(name)) continue;
    seen.add(name);
    if (keys.has(name)) matched++;
    else if (required) return false;
  }
  return matched === keys.size;
}

function takesBody({ params }: Routine, { contentType, byPost }: RoutineSearch): boolean {
  const [param, second] = params;
  if (!byPost || param === undefined || second !== undefined || param.name !== "") return false;
  return BODY_TYPES[contentType.kind]?.includes(param.type) ?? false;
}

function notFound(search: RoutineSearch, overloads: readonly Routine[], cache: SchemaCache): Error {
  const { target, contentType, byPost } = search;
  const names = [...search.keys].sort();
  if (byPost && OPAQUE_BODIES.has(contentType.kind)) {
    return routineNotFound({ target, names, searched: { kind: "unnamed", type: BODY_TYPES[contentType.kind]?.[0] ?? "" }, hint: null });
  }
  const searched = { kind: byPost && contentType.kind === "json" ? "namedOrJson" : "named" } as const;
  return routineNotFound({ target, names, searched, hint: suggestRoutine(target, names, overloads, cache) });
}
