import type { QualifiedIdentifier } from "../../schema-cache/identifiers.ts";
import type { Routine } from "../../schema-cache/routine.ts";
import type { SchemaCache } from "../../schema-cache/schema-cache.ts";
import { mostSimilar, SIMILAR_NAME } from "./most-similar.ts";

/** A routine with a similar name, or where there are some of that name the one with the most similar parameters. */
export function suggestRoutine(target: QualifiedIdentifier, names: readonly string[], overloads: readonly Routine[], cache: SchemaCache): string | null {
  const suggestion = overloads.length === 0 ? similarRoutine(target, cache) : similarOverload(target.name, names, overloads);
  return suggestion === undefined ? null : `Perhaps you meant to call the function ${target.schema}.${suggestion}`;
}

function similarRoutine({ schema, name }: QualifiedIdentifier, { routines }: SchemaCache): string | undefined {
  const names = [...routines.values()].flatMap(([routine]) => (routine?.schema === schema ? [routine.name] : []));
  return mostSimilar(name, names, SIMILAR_NAME)[0]?.text;
}

function similarOverload(name: string, names: readonly string[], overloads: readonly Routine[]): string | undefined {
  const signatures = overloads.map(({ params }) => signature(params.map((param) => param.name)));
  const [best] = mostSimilar(signature(names), signatures);
  return best && name + best.text;
}

const signature = (names: readonly string[]): string => `(${names.toSorted().join(", ")})`;
