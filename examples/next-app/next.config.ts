import type { NextConfig } from "next";

const config: NextConfig = {
  // These load workers, WebAssembly and files of their own, which bundling would separate from them.
  serverExternalPackages: ["plinth", "@plinth/core", "@plinth/rest", "@electric-sql/pglite"],
};

export default config;
