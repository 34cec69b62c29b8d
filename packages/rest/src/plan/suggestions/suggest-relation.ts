import { relationshipKey } from "../../schema-cache/relationship.ts";
import type { SchemaCache } from "../../schema-cache/schema-cache.ts";
import { mostSimilar } from "./most-similar.ts";

/**
 * Another name for the origin, if it has no relationships; else for the target. Null where both are right, since
 * then it is the hint that isn't.
 */
export function suggestRelation({ schema, origin, target }: { readonly schema: string; readonly origin: string; readonly target: string }, { relationships }: SchemaCache): string | null {
  const known = relationships.get(relationshipKey({ schema, name: origin }, schema));
  if (known === undefined) return meant(mostSimilar(origin, origins(schema, relationships.keys()))[0]?.text, origin);
  const targets = known.map(({ foreignTable }) => foreignTable.name);
  return meant(mostSimilar(target, targets).find(({ score }) => score < 1)?.text, target);
}

function origins(schema: string, keys: Iterable<string>): string[] {
  return [...keys].flatMap((key) => {
    const [, name, foreignSchema] = key.split("\0");
    return foreignSchema === schema && name !== undefined ? [name] : [];
  });
}

const meant = (suggestion: string | undefined, given: string): string | null =>
  suggestion === undefined ? null : `Perhaps you meant '${suggestion}' instead of '${given}'.`;
