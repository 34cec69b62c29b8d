import { z } from "zod";

/** Which part is kept where an image is cut. `sm`: where there is most to be seen. `fp`: around a point. Words are imgproxy's. */
const GRAVITIES = ["no", "so", "ea", "we", "noea", "nowe", "soea", "sowe", "ce", "sm", "fp"] as const;

export type Gravity = (typeof GRAVITIES)[number];

/** How an image is to be changed. */
export interface Transformation {
  /** Pixels, 1 to 2,000; one that isn't there goes by the other. Images are never made larger than they are. */
  readonly width?: number;
  readonly height?: number;
  /** `cover`: fills both sides, and what is beyond is cut off. `contain`: as a whole, within both. `fill`: both, whatever becomes of its shape. */
  readonly resize: "cover" | "contain" | "fill";
  /** 20 to 100, of formats that lose something. */
  readonly quality?: number;
  /** `origin`: what it has. Default: what its reader takes best. */
  readonly format?: "origin" | "avif" | "webp";
  readonly gravity?: { readonly towards: Gravity; readonly x?: number; readonly y?: number };
}

const MAX_SIDE = 2_000;

const side = z.coerce.number().int().min(0).transform((pixels) => Math.min(pixels, MAX_SIDE)).optional();

const fields = {
  width: side,
  height: side,
  resize: z.enum(["cover", "contain", "fill"]).optional(),
  quality: z.coerce.number().int().min(20).max(100).optional(),
  format: z.enum(["origin", "avif", "webp"]).optional(),
  gravity: z.enum(GRAVITIES).optional(),
  x_offset: z.coerce.number().optional(),
  y_offset: z.coerce.number().optional(),
};

type Fields = z.output<z.ZodObject<typeof fields>>;

/** As clients send it, in the query or in a body. A side of 0 is as good as none, one of more than 2,000 is 2,000. */
export const transformationSchema = z
  .object(fields)
  .superRefine(({ gravity, x_offset, y_offset }, context) => {
    for (const [name, at] of Object.entries({ x_offset, y_offset })) {
      if (gravity === "fp" && !(at !== undefined && at >= 0 && at <= 1)) context.addIssue({ code: "custom", path: [name], message: "must be within 0 and 1 for the gravity fp" });
    }
  })
  .transform(toTransformation);

function toTransformation({ width, height, resize = "cover", quality, format, gravity, x_offset: x, y_offset: y }: Fields): Transformation {
  return {
    resize,
    ...(width ? { width } : {}),
    ...(height ? { height } : {}),
    ...(quality === undefined ? {} : { quality }),
    ...(format === undefined ? {} : { format }),
    ...(gravity === undefined ? {} : { gravity: { towards: gravity, ...(x === undefined ? {} : { x }), ...(y === undefined ? {} : { y }) } }),
  };
}

/** imgproxy's words, which upstream answers with. */
const RESIZING_TYPES = { cover: "fill", contain: "fit", fill: "force" } as const;

/** As the header X-Transformations names it: `height:100`, `resizing_type:fill`. */
export const imgproxySegments = (transformation: Transformation): string[] => segments(transformation, `resizing_type:${RESIZING_TYPES[transformation.resize]}`);

/** As a token has it, to be read by `parseTransformation`: `width:100,resize:cover`. Empty where nothing is to be changed. */
export const formatTransformation = (transformation: Transformation): string => segments(transformation, `resize:${transformation.resize}`).join(",");

function segments({ height, width, quality, format, gravity }: Transformation, resize: string): string[] {
  return [
    ...(height === undefined ? [] : [`height:${height}`]),
    ...(width === undefined ? [] : [`width:${width}`]),
    ...(height === undefined && width === undefined ? [] : [resize]),
    ...(quality === undefined ? [] : [`quality:${quality}`]),
    ...(format === undefined || format === "origin" ? [] : [`format:${format}`]),
    ...(gravity === undefined ? [] : [gravitySegment(gravity)]),
  ];
}

function gravitySegment({ towards, x, y }: NonNullable<Transformation["gravity"]>): string {
  const hasOffsets = towards !== "sm" && (x !== undefined || y !== undefined);
  return hasOffsets ? `gravity:${towards}:${x ?? 0}:${y ?? 0}` : `gravity:${towards}`;
}

/** What `formatTransformation` wrote into a token. What isn't understood is left out. */
export function parseTransformation(text: string, format: string | undefined): Transformation {
  const given: Record<string, string> = format === undefined ? {} : { format };
  for (const segment of text.split(",")) {
    const [name, value, x, y] = segment.split(":");
    if (name === undefined || value === undefined) continue;
    Object.assign(given, { [name]: value }, x === undefined ? {} : { x_offset: x }, y === undefined ? {} : { y_offset: y });
  }
  return transformationSchema.safeParse(given).data ?? { resize: "cover" };
}
