/** What a page is asked for by: "blog/" of "blog/index.html", "about" of "about.html"; undefined of what is none. */
export function pagePath(path: string): string | undefined {
  if (!path.endsWith(".html")) return undefined;
  const plain = path.slice(0, -".html".length);
  const slash = plain.lastIndexOf("/");
  const name = plain.slice(slash + 1);
  if (name === "") return undefined;
  return name === "index" ? plain.slice(0, slash + 1) : plain;
}
