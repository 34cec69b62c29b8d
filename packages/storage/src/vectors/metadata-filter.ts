import { invalid } from "./vector-rows.ts";

/** Takes a value's text and gives its place in the statement: `$3`. */
type Place = (value: string) => string;

interface Field {
  readonly name: string;
  /** The metadata's value, as jsonb. */
  readonly value: string;
  readonly place: Place;
}

type Operand = string | number | boolean;

/** An array has what any of its members is: jsonb's containment knows a member and a value alike. */
const has = ({ value, place }: Field, operand: Operand): string => `${value} @> ${place(JSON.stringify(operand))}::jsonb`;

const hasAny = ({ value, place }: Field, operands: readonly Operand[]): string => `exists (select from jsonb_array_elements(${place(JSON.stringify(operands))}::jsonb) as one (value) where ${value} @> one.value)`;

const compare = (sql: string) => (field: Field, operand: unknown): string => {
  if (typeof operand !== "number") throw invalid(`A number is compared with "${field.name}"`);
  return `case when jsonb_typeof(${field.value}) = 'number' then (${field.value})::numeric ${sql} ${field.place(String(operand))}::numeric end`;
};

/** Those that deny hold of none that lack the field, as in S3 Vectors. */
const OPERATORS: Readonly<Record<string, (field: Field, operand: unknown) => string>> = {
  $eq: (field, operand) => has(field, primitive(field, operand)),
  $ne: (field, operand) => `not (${has(field, primitive(field, operand))})`,
  $gt: compare(">"),
  $gte: compare(">="),
  $lt: compare("<"),
  $lte: compare("<="),
  $in: (field, operand) => hasAny(field, primitives(field, operand)),
  $nin: (field, operand) => `${field.value} is not null and not ${hasAny(field, primitives(field, operand))}`,
  $exists: (field, operand) => {
    if (typeof operand !== "boolean") throw invalid(`$exists of "${field.name}" is true or false`);
    return `${field.value} is ${operand ? "not " : ""}null`;
  },
};

function primitive({ name }: Field, operand: unknown): Operand {
  if (typeof operand === "string" || typeof operand === "number" || typeof operand === "boolean") return operand;
  throw invalid(`"${name}" is filtered by a text, a number, or true or false`);
}

function primitives(field: Field, operands: unknown): readonly Operand[] {
  if (!Array.isArray(operands) || operands.length === 0) throw invalid(`$in and $nin of "${field.name}" take a list of one value at least`);
  return operands.map((operand) => primitive(field, operand));
}

/** Deeper or longer than anybody writes, and no stack too small for it. */
const MAX_DEPTH = 32;
const MAX_CLAUSES = 500;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value);

export interface FilterOptions {
  /** Metadata that may not be filtered by. */
  readonly unfilterable: ReadonlySet<string>;
  readonly place: Place;
}

/**
 * A filter of S3 Vectors as a condition on the column `metadata`. Nothing of it is in the SQL: names and values go by their places.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-vectors-metadata-filtering.html
 * @throws StorageError InvalidParameter
 */
export function filterCondition(filter: unknown, { unfilterable, place }: FilterOptions): string {
  let clauses = 0;

  const field = (name: string, given: unknown): string => {
    if (name.startsWith("$")) throw invalid(`Unexpected operator "${name}" at field position`);
    if (unfilterable.has(name)) throw invalid(`Metadata key "${name}" is configured as non-filterable`);
    const operators = isObject(given) ? Object.entries(given) : [["$eq", given] as const];
    if (operators.length === 0) throw invalid(`Empty operator object for field "${name}"`);
    return operators.map(([operator, operand]) => {
      const write = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
      if (write === undefined) throw invalid(`Unsupported field operator: ${operator}`);
      if (++clauses > MAX_CLAUSES) throw invalid(`A filter has ${MAX_CLAUSES} conditions at most`);
      return `(${write({ name, value: `(metadata -> ${place(name)}::text)`, place }, operand)})`;
    }).join(" and ");
  };

  const several = (operator: string, given: unknown, depth: number): string => {
    if (!Array.isArray(given) || given.length === 0) throw invalid(`${operator} requires a non-empty array`);
    return given.map((one) => `(${condition(one, depth + 1)})`).join(operator === "$and" ? " and " : " or ");
  };

  const condition = (given: unknown, depth: number): string => {
    if (depth > MAX_DEPTH) throw invalid(`A filter is ${MAX_DEPTH} deep at most`);
    if (!isObject(given) || Object.keys(given).length === 0) throw invalid("Filter must be an object of at least one clause");
    const [first, ...more] = Object.entries(given);
    const [operator, operands] = first!;
    if (operator !== "$and" && operator !== "$or") return Object.entries(given).map(([name, value]) => field(name, value)).join(" and ");
    if (more.length > 0) throw invalid(`Logical operator must be the only key, got: ${Object.keys(given).join(", ")}`);
    return several(operator, operands, depth);
  };

  return condition(filter, 0);
}
