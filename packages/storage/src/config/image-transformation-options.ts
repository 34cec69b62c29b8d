import { z } from "zod";
import { byteSize } from "./byte-size.ts";

/** `imageTransformation` of the settings. Names are upstream's and imgproxy's, times seconds. */
export const imageTransformationSchema = z
  .strictObject({
    enabled: z.boolean().default(true),
    /** Largest image that is read. */
    maxSrcFileSize: byteSize.prefault(25_000_000),
    /** Of an image that is read, all its frames together, in millions of pixels. */
    maxResolution: z.number().positive().max(1_000).default(50),
    /** How many frames of an animation are kept. */
    maxAnimationFrames: z.number().int().min(1).max(1_000).default(1),
    /** Until an image has to be ready, in seconds. */
    requestTimeout: z.number().positive().max(600).default(15),
    /** Whether those who accept WebP get it where they ask for no format. */
    webpDetection: z.boolean().default(true),
    /** The same of AVIF, before WebP. It takes several times as long. */
    avifDetection: z.boolean().default(false),
    /** How many images are worked on at a time. Of the backend alone, as the two that follow: a project's own are passed over. */
    concurrency: z.number().int().min(1).max(64).default(2),
    /** How many more may wait for it; of one project, a quarter of them. */
    queueSize: z.number().int().min(0).max(100_000).default(100),
    /** Images that are kept in memory, in bytes. */
    cacheSize: byteSize.prefault(64_000_000),
  })
  .prefault({});

export type ImageTransformationConfig = Readonly<z.output<typeof imageTransformationSchema>>;
