import type { Filter, LogicTree, OperatorExpression } from "./filter.ts";
import { logicTree } from "./grammar/logic.ts";
import { operatorExpression, wholeValue } from "./grammar/operator.ts";
import { order } from "./grammar/order.ts";
import type { TreePath } from "./grammar/paths.ts";
import { columns, logicPath, treePath } from "./grammar/paths.ts";
import { select } from "./grammar/select.ts";
import type { OrderTerm } from "./order.ts";
import { or } from "./parser/combinators.ts";
import { parseText } from "./parser/parse-text.ts";
import { succeed } from "./parser/primitives.ts";
import type { EmbedPath } from "./query-params.ts";
import type { SelectNode } from "./select.ts";

/** The embed path and field that a parameter's name stands for: `clients.projects.name`. Also for the keys of `ranges`. */
export function parseTreePath(name: string): TreePath {
  return parseText(treePath, `tree path (${name})`, name);
}

export function parseSelect(value: string): readonly SelectNode[] {
  return parseText(select, `select parameter (${value})`, value);
}

export function parseColumns(value: string): readonly string[] {
  return parseText(columns, `columns parameter (${value})`, value);
}

export function parseOnConflict(value: string): readonly string[] {
  return parseText(columns, `on_conflict parameter (${value})`, value);
}

export function parseOrder(name: string, value: string): readonly [EmbedPath, readonly OrderTerm[]] {
  return [parseTreePath(name).path, parseText(order, `order (${value})`, value)];
}

export function parseLogic(name: string, value: string): readonly [EmbedPath, LogicTree] {
  const { path, operator } = parseText(logicPath, `logic path (${name})`, name);
  return [path, parseText(logicTree, `logic tree (${value})`, operator + value)];
}

const filterExpression = operatorExpression(wholeValue);
const noExpression = or<OperatorExpression | undefined>(filterExpression, succeed(undefined));

/** @param orArgument the value may be no filter but a routine's argument */
export function parseFilter(name: string, value: string, orArgument: boolean): readonly [EmbedPath, Filter] {
  const { path, field } = parseTreePath(name);
  const expression = parseText(orArgument ? noExpression : filterExpression, `filter (${value})`, value);
  return [path, { field, expression: expression ?? { kind: "none", text: value } }];
}
