/**
 * How PostgreSQL is told at a connection's start. Compiling what requests ask takes longer than running it, and no time-out
 * stops it: a query of 200 embeds is compiled for a minute. A URL's own `options` go before it.
 */
export const WITHOUT_JIT = "-c jit=off";
