import type { Gravity, Transformation } from "./transformation.ts";

/** Pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** An image made to a size, and then cut. */
export interface Crop {
  readonly scaled: Size;
  readonly cut: Size & { readonly left: number; readonly top: number };
}

/** Where the part that is kept begins, as a share of what is cut off: 0 left or top, 1 right or bottom. */
const SHARES: Readonly<Record<Exclude<Gravity, "sm" | "fp">, readonly [x: number, y: number]>> = {
  ce: [0.5, 0.5],
  no: [0.5, 0],
  so: [0.5, 1],
  we: [0, 0.5],
  ea: [1, 0.5],
  nowe: [0, 0],
  noea: [1, 0],
  sowe: [0, 1],
  soea: [1, 1],
};

/** How `cover` makes and cuts an image of that size, with the gravity of the transformation. Never larger than it was. */
export function cropOf(image: Size, { width, height, gravity = { towards: "ce" } }: Transformation): Crop {
  const scale = Math.min(1, Math.max((width ?? 0) / image.width, (height ?? 0) / image.height));
  const scaled = { width: pixels(image.width * scale), height: pixels(image.height * scale) };
  const cut = { width: Math.min(width ?? scaled.width, scaled.width), height: Math.min(height ?? scaled.height, scaled.height) };
  const spare = { x: scaled.width - cut.width, y: scaled.height - cut.height };
  const { towards, x = 0, y = 0 } = gravity;
  if (towards === "fp") return { scaled, cut: { ...cut, left: within(scaled.width * x - cut.width / 2, spare.x), top: within(scaled.height * y - cut.height / 2, spare.y) } };
  const [shareX, shareY] = SHARES[towards === "sm" ? "ce" : towards];
  // Away from the edge that it is drawn to.
  const [moveX, moveY] = [offset(x, scaled.width) * (shareX === 1 ? -1 : 1), offset(y, scaled.height) * (shareY === 1 ? -1 : 1)];
  return { scaled, cut: { ...cut, left: within(spare.x * shareX + moveX, spare.x), top: within(spare.y * shareY + moveY, spare.y) } };
}

const pixels = (value: number): number => Math.max(1, Math.round(value));

const within = (at: number, most: number): number => Math.max(0, Math.min(Math.round(at), most));

/** Below 1 a share of the image, else pixels. */
const offset = (value: number, length: number): number => (Math.abs(value) < 1 ? value * length : value);
