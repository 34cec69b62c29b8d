import type { NextConfig } from "next";

const config: NextConfig = {
  // They load workers, WebAssembly and files of their own, from which bundling would separate them.
  serverExternalPackages: ["plinth", "@plinth/core", "@plinth/rest", "@electric-sql/pglite", "@electric-sql/pglite-pgvector"],
  // Paths of the backend may end in a slash: leave them alone.
  skipTrailingSlashRedirect: true,
};

export default config;
