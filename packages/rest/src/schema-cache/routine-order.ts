import type { Routine, RoutineParam } from "./routine.ts";

/**
 * The order in which overloads are tried: fewest parameters first, then by description, parameters and return type,
 * field by field, as PostgREST orders them.
 */
export const compareRoutines = (a: Routine, b: Routine): number => {
  if (a.params.length !== b.params.length) return a.params.length - b.params.length;
  const [left, right] = [sortKey(a), sortKey(b)];
  return left < right ? -1 : left > right ? 1 : 0;
};

const VOLATILITIES: readonly Routine["volatility"][] = ["volatile", "stable", "immutable"];

const sortKey = ({ description, params, returns, volatility, hasVariadic }: Routine): string =>
  [
    description === null ? "0" : `1${description}`,
    ...params.flatMap(paramKey),
    flag(returns.setOf),
    flag(returns.kind === "composite"),
    returns.type.schema,
    returns.type.name,
    flag(returns.isDomainAlias),
    String(VOLATILITIES.indexOf(volatility)),
    flag(hasVariadic),
  ].join("\0");

const paramKey = ({ name, type, typeMaxLength, required, variadic }: RoutineParam): readonly string[] => [
  name,
  type,
  typeMaxLength,
  flag(required),
  flag(variadic),
];

const flag = (value: boolean): string => (value ? "1" : "0");
