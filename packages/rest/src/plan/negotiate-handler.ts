import { mediaTypeError } from "../errors/api-request-errors.ts";
import { mediaTypeName } from "../media-type/media-type-name.ts";
import type { MediaType } from "../media-type/media-type.ts";
import type { QualifiedIdentifier } from "../schema-cache/identifiers.ts";
import { mediaHandlerKey } from "../schema-cache/media-handler.ts";
import type { MediaHandler, ResolvedHandler } from "../schema-cache/media-handler.ts";
import type { PlanContext } from "./plan-context.ts";
import type { ReadPlan } from "./read-plan.ts";

const ANY = "*/*";

/**
 * The first media type of the Accept header that something can produce, and what produces it.
 * https://docs.postgrest.org/en/stable/references/api/media_type_handlers.html
 *
 * @param target the relation whose rows are answered with: it may have handlers of its own
 * @throws BackendError PGRST107 if there is none
 */
export function negotiateHandler(target: QualifiedIdentifier, readPlan: ReadPlan, context: PlanContext): ResolvedHandler {
  // A relation's own handler takes its rows whole.
  const relation = selectsWholeRows(readPlan) ? target : undefined;
  const { accept } = context.request;
  for (const mediaType of accept) {
    const handler = handlerFor(mediaType, relation, context);
    if (handler !== undefined) return handler;
  }
  throw mediaTypeError(accept.map(mediaTypeName));
}

function selectsWholeRows({ select, children }: ReadPlan): boolean {
  return select.length === 1 && select[0]?.field.name === "*" && children.length === 0;
}

function handlerFor(mediaType: MediaType, relation: QualifiedIdentifier | undefined, context: PlanContext): ResolvedHandler | undefined {
  if (mediaType.kind === "plan") return context.config.planEnabled ? planHandler(mediaType, relation, context) : undefined;
  const handler = vendoredHandler(mediaType);
  return handler === undefined ? findHandler(mediaType, relation, context) : { handler, mediaType };
}

function planHandler(mediaType: Extract<MediaType, { kind: "plan" }>, relation: QualifiedIdentifier | undefined, context: PlanContext): ResolvedHandler | undefined {
  const handler = vendoredHandler(mediaType.for) ?? findHandler(mediaType.for, relation, context)?.handler;
  return handler && { handler, mediaType };
}

/** Those that no handler of the database may replace, since they carry parameters. */
function vendoredHandler(mediaType: MediaType): MediaHandler | undefined {
  if (mediaType.kind === "singular") return { kind: "singleJson", stripNulls: mediaType.stripNulls };
  return mediaType.kind === "arrayStrip" ? { kind: "arrayJsonStrip" } : undefined;
}

function findHandler(mediaType: MediaType, relation: QualifiedIdentifier | undefined, { cache }: PlanContext): ResolvedHandler | undefined {
  const name = mediaTypeName(mediaType);
  const own = relation && (cache.mediaHandlers.get(mediaHandlerKey(relation, ANY)) ?? cache.mediaHandlers.get(mediaHandlerKey(relation, name)));
  return own ?? cache.mediaHandlers.get(mediaHandlerKey(undefined, name));
}
