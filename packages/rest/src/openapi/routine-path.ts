import type { Routine, RoutineParam } from "../schema-cache/routine.ts";
import { elementType, swaggerFormat, swaggerType, typeSchema } from "./column-type.ts";
import { ROUTINE_TYPES } from "./media-types.ts";
import { operationTexts } from "./operation-texts.ts";
import { parameterReference } from "./swagger.ts";
import type { Operation, Parameter, PathItem, Reference, Schema } from "./swagger.ts";

/** GET only of routines that change nothing. */
export const routinePath = (routine: Routine): PathItem => {
  const operation = (parameters: ReadonlyArray<Parameter | Reference>): Operation => ({
    tags: [`(rpc) ${routine.name}`],
    ...operationTexts(routine.description),
    produces: ROUTINE_TYPES,
    ...(parameters.length > 0 && { parameters }),
    responses: { 200: { description: "OK" } },
  });
  const post = operation([
    { name: "args", required: true, in: "body", schema: argumentsSchema(routine) },
    parameterReference("preferParams"),
  ]);
  return routine.volatility === "volatile" ? { post } : { get: operation(routine.params.map(queryParameter)), post };
};

const argumentsSchema = ({ description, params }: Routine): Schema => {
  const required = params.filter((param) => param.required).map((param) => param.name);
  return {
    type: "object",
    ...(description !== null && { description }),
    ...(params.length > 0 && { properties: Object.fromEntries(params.map(({ name, type }) => [name, typeSchema(type)])) }),
    ...(required.length > 0 && { required }),
  };
};

const queryParameter = ({ name, type, required, variadic }: RoutineParam): Parameter => {
  const swagger = swaggerType(type) ?? "string";
  if (!variadic) {
    // Arrays are written as PostgreSQL's literals.
    return { name, required, in: "query", format: swaggerFormat(type), type: swagger === "array" ? "string" : swagger };
  }
  const element = elementType(type);
  const elementSwagger = swaggerType(element);
  const items = { ...(elementSwagger && { type: elementSwagger }), format: swaggerFormat(element) };
  return { name, required, in: "query", type: swagger, items, collectionFormat: "multi" };
};
