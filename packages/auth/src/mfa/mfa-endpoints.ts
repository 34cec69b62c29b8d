import type { Endpoint } from "../endpoint/endpoint.ts";
import { challengeFactor } from "./challenge-factor.ts";
import { enrollFactor } from "./enroll-factor.ts";
import { unenrollFactor } from "./unenroll-factor.ts";
import { verifyFactor } from "./verify-factor.ts";

export const MFA_ENDPOINTS: readonly Endpoint[] = [enrollFactor, challengeFactor, verifyFactor, unenrollFactor];
