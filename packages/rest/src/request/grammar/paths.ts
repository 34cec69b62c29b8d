import type { Field } from "../field.ts";
import type { Parser } from "../parser/parser.ts";
import { map, separated1, sequence } from "../parser/combinators.ts";
import { char } from "../parser/primitives.ts";
import type { EmbedPath } from "../query-params.ts";
import { delimiter, fieldName, jsonPath, lexeme } from "./field.ts";

const names = separated1(fieldName, delimiter);

export interface TreePath {
  readonly path: EmbedPath;
  readonly field: Field;
}

/** A parameter's name: `clients.projects.data->key`, the embed path and the field in there. */
export const treePath: Parser<TreePath> = sequence([names, jsonPath], (path, operations) => ({
  path: path.slice(0, -1),
  field: { name: path.at(-1) as string, jsonPath: operations },
}));

/** The name of a logic parameter, `clients.not.or`: the embed path, and `not.or` as it stands before the value's parenthesis. */
export const logicPath: Parser<{ readonly path: EmbedPath; readonly operator: string }> = map(names, (path) => ({
  path: path.slice(0, -1).filter((name) => name !== "not"),
  operator: path.includes("not") ? `not.${path.at(-1)}` : (path.at(-1) as string),
}));

/** `columns=` and `on_conflict=` */
export const columns: Parser<readonly string[]> = separated1(fieldName, lexeme(char(",")));
