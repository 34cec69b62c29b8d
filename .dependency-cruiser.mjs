/**
 * Who may import whom (DESIGN: adapters → plinth → services → core). Type imports count.
 * `test/house/imports.test.ts` checks that each of these rules can fail.
 */

const SERVICES = "rest|auth|storage|assets|functions|gateway|memory|cron";

/** Stages of a REST request, in order; each may know the data of those before it, and nothing of those after. */
const STAGES = ["request", "plan", "query", "execute", "response"];

/** Data types of an earlier stage that come with a constant of theirs. */
const STAGE_CONSTANTS = "^packages/rest/src/request/row-range[.]ts$";

const stageRules = STAGES.flatMap((stage, index) => {
  const from = { path: `^packages/rest/src/${stage}/` };
  const later = STAGES.slice(index + 1).join("|");
  const earlier = STAGES.slice(0, index).join("|");
  const rules = [];
  if (later !== "") rules.push(rule(`rest-${stage}-knows-no-later-stage`, "A stage knows nothing of the stages after it.", from, { path: `^packages/rest/src/(${later})/` }));
  if (earlier !== "") {
    const to = { path: `^packages/rest/src/(${earlier})/`, pathNot: STAGE_CONSTANTS, dependencyTypesNot: ["type-only"] };
    rules.push(rule(`rest-${stage}-imports-types-of-earlier-stages`, "A stage is handed the results of those before it: it imports their types, not their code.", from, to));
  }
  return rules;
});

export default {
  forbidden: [
    rule("no-cycles", "No import cycles, type imports included.", {}, { circular: true }),
    rule("resolvable", "An import that can't be found: a misspelling, a missing dependency, or another package's inside.", { path: "^(packages|adapters)/" }, { couldNotResolve: true }),
    rule("core-imports-no-package", "Core is below everything.", { path: "^packages/core/src/" }, { path: "^(packages/(?!core/)|adapters/)" }),
    rule("services-import-core-alone", "What a service needs of another one is a contract in core.", { path: `^packages/(${SERVICES})/src/` }, { path: "^(packages/|adapters/)", pathNot: "^packages/($1|core)/" }),
    rule("plinth-imports-no-adapter-but-node", "plinth knows the services, and node's adapter to serve `plinth dev`.", { path: "^packages/plinth/src/" }, { path: "^(packages/testing/|adapters/(?!node/))" }),
    rule("testing-imports-no-adapter", "Tests go through fetch.", { path: "^packages/testing/src/" }, { path: "^adapters/" }),
    rule("adapters-import-no-service", "Adapters mount a fetch; they know core, plinth, and what all adapters on Node share.", { path: "^adapters/([^/]+)/src/" }, { path: "^(packages|adapters)/", pathNot: "^(packages/(core|plinth)|adapters/(node|$1))/" }),
    rule("other-packages-by-name", "Another package is imported by its name, through its index.", { path: "^((?:packages|adapters)/[^/]+)/src/" }, { path: "^(packages|adapters)/", pathNot: "^$1/", dependencyTypes: ["local"] }),
    rule("sources-import-no-tests", "What is published stands on its own.", { path: "^(packages|adapters)/[^/]+/src/" }, { path: "^((packages|adapters)/[^/]+/test|test|scripts|examples|bench)/" }),
    rule("declared-dependencies", "What is published imports what its package.json declares.", { path: "^(packages|adapters)/[^/]+/src/" }, { dependencyTypes: ["npm-no-pkg", "npm-dev", "npm-unknown"], dependencyTypesNot: ["type-only"] }),
    ...stageRules,
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    combinedDependencies: false,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)dist/|^examples/next-app/|^packages/core/pg-dump/" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["plinth-source", "import", "node", "types", "default"], extensions: [".ts", ".js", ".d.ts"] },
  },
};

function rule(name, comment, from, to) {
  return { name, comment, severity: "error", from, to };
}
