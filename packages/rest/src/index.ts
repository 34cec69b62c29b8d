export type { RestConfig } from "./config/rest-config.ts";
export { restConfigSchema } from "./config/rest-options.ts";
export type { RestOptions } from "./config/rest-options.ts";
export { createRestService } from "./rest-service.ts";
export type { RestServiceOptions } from "./rest-service.ts";
export { exposedTypes, generateTypes } from "./typescript/generate-types.ts";
export type { ExposedTypesOptions, GenerateTypesOptions, TypesFormat } from "./typescript/generate-types.ts";
