import { type ListedError, readErrorTables } from "./error-tables.ts";

const INTRODUCTION = `# Errors

Made by \`npm run errors\` from the error tables in the sources: don't edit it by hand.

REST answers errors as PostgREST does: \`{"code": …, "details": …, "hint": …, "message": …}\`. Codes that begin with \`PGRST\` mean what [PostgREST's documentation](https://docs.postgrest.org/en/stable/references/errors.html) says; codes of five characters are PostgreSQL's own ([SQLSTATE](https://www.postgresql.org/docs/current/errcodes-appendix.html)); codes that begin with \`PLINTH\` are this project's. A message here is the one that is sent where the place that found the error has no better one.
`;

/** The text of docs/errors.md. */
export async function renderErrorsPage(): Promise<string> {
  const packages = await readErrorTables();
  const sections = packages.map(({ folder, errors }) => `## ${folder}\n\n| code | status | message | hint |\n| --- | --- | --- | --- |\n${errors.map(row).join("\n")}\n`);
  return [INTRODUCTION, ...sections].join("\n");
}

function row({ code, status, message, hint = "" }: ListedError): string {
  return `| ${[`\`${code}\``, String(status), escape(message), escape(hint)].join(" | ")} |`;
}

function escape(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll("\n", " ");
}
