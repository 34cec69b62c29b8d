/** The part of Swagger 2.0 that a document uses. https://swagger.io/specification/v2/ */
export interface SwaggerDocument {
  readonly swagger: "2.0";
  readonly info: { readonly title: string; readonly description: string; readonly version: string };
  readonly host: string;
  readonly basePath: string;
  readonly schemes: readonly ["http" | "https"];
  readonly consumes: readonly string[];
  readonly produces: readonly string[];
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly securityDefinitions?: Readonly<Record<string, ApiKeyScheme>>;
  readonly security?: ReadonlyArray<Readonly<Record<string, readonly string[]>>>;
  readonly externalDocs: { readonly description: string; readonly url: string };
}

export interface ApiKeyScheme {
  readonly type: "apiKey";
  readonly name: string;
  readonly in: "header";
  readonly description: string;
}

export interface Reference {
  readonly $ref: string;
}

export type SchemaType = "string" | "boolean" | "integer" | "number" | "array" | "object";

export interface Schema {
  readonly type?: SchemaType;
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly maxLength?: number;
  readonly items?: Schema | Reference;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

export type Parameter = BodyParameter | SimpleParameter;

export interface BodyParameter {
  readonly in: "body";
  readonly name: string;
  readonly description?: string;
  readonly required: boolean;
  readonly schema: Schema | Reference;
}

export interface SimpleParameter {
  readonly in: "query" | "header";
  readonly name: string;
  readonly description?: string;
  readonly required: boolean;
  readonly type: SchemaType;
  readonly format?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly collectionFormat?: "multi";
}

export interface Operation {
  readonly tags: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly produces?: readonly string[];
  readonly parameters?: ReadonlyArray<Parameter | Reference>;
  readonly responses: Readonly<Record<string, { readonly description: string; readonly schema?: Schema }>>;
}

export interface PathItem {
  readonly get?: Operation;
  readonly post?: Operation;
  readonly patch?: Operation;
  readonly delete?: Operation;
}

export const parameterReference = (name: string): Reference => ({ $ref: `#/parameters/${name}` });
export const definitionReference = (name: string): Reference => ({ $ref: `#/definitions/${name}` });
