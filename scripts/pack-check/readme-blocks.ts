/** The TypeScript examples of a Markdown text, each as a module of its own. */
export function readmeBlocks(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => (/^export /m.test(code) ? code : `${code}\nexport {};\n`));
}
