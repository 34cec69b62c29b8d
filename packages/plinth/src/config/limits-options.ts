import { requestLimitsSchema } from "@plinth/core";

/** Of all projects whose `settings.limits` say nothing else. */
export const limitsOptionsSchema = requestLimitsSchema.default({});
