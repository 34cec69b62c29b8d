/** An array's text form, as PostgreSQL reads it. */
export const textArray = (elements: readonly string[]): string =>
  `{${elements.map((element) => `"${element.replace(/["\\]/g, "\\$&")}"`).join(",")}}`;
