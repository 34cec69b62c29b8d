import { fields } from "../answer.ts";
import { backendCommand } from "../backend-command.ts";
import { checkOverlap, OVERLAP, overlapOf } from "./overlap-flags.ts";

export const rotateJwtSecret = backendCommand({
  summary: "Give a project another JWT secret, and with it other anon and service role keys",
  arguments: [{ name: "REF" }],
  flags: OVERLAP,
  check: checkOverlap,
  confirm: ([ref], { overlap }) => `This gives the project "${ref}" another JWT secret: its present keys and its users' tokens ${overlap === 0 ? "hold no more at once" : "hold only as long as said"}.`,
  async run(backend, [ref = ""], flags) {
    const rotated = await backend.projects.keys(ref).rotateJwtSecret(overlapOf(flags));
    const { jwtSecret, anonKey, serviceRoleKey, previous } = rotated;
    const former = previous && `${previous.kid}, ${previous.verifyUntil === null ? "until it is revoked" : `until ${previous.verifyUntil.toISOString()}`}`;
    return { json: rotated, text: fields({ "JWT secret": jwtSecret, "anon key": anonKey, "service role key": serviceRoleKey, "former secret holds": former }) };
  },
});
