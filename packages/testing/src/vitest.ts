export { FETCH_DOOR } from "./api-scenario/api-door.ts";
export type { ApiDoor, OpenDoor } from "./api-scenario/api-door.ts";
export type { ApiRequest, Expected } from "./api-scenario/api-request.ts";
export { apiScenario } from "./api-scenario/api-scenario.ts";
export type { ApiWorldOptions } from "./api-scenario/api-world.ts";
export { describeDatabases } from "./describe-databases.ts";
export type { DescribeDatabasesOptions } from "./describe-databases.ts";
export { describeObjectStore } from "./object-store/describe-object-store.ts";
