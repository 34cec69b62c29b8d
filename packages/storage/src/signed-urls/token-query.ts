import { z } from "zod";

export const tokenQuery = z.object({ token: z.string({ error: "must have required property 'token'" }).min(1) });
