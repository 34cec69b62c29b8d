/** The first line of a comment, and what comes after it and any empty lines. */
export const splitComment = (comment: string): readonly [firstLine: string, rest: string] => {
  const end = comment.indexOf("\n");
  return end === -1 ? [comment, ""] : [comment.slice(0, end), comment.slice(end).replace(/^\n+/, "")];
};

/** A comment as an operation's summary and description. */
export const operationTexts = (comment: string | null): { readonly summary?: string; readonly description?: string } => {
  if (comment === null) return {};
  const [summary, description] = splitComment(comment);
  return { summary, ...(description !== "" && { description }) };
};
