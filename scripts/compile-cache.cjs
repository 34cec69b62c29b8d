// Keeps what Node makes of the sources, types taken out and code compiled, for the next start. Loaded with --require:
// it must be on before the first module.
const { enableCompileCache, flushCompileCache } = require("node:module");
const path = require("node:path");

enableCompileCache(path.join(__dirname, "../node_modules/.cache/compiled"));
// Node writes it at the end of the process, which a signal may not let it reach.
setTimeout(() => flushCompileCache?.(), 3_000).unref();
