import { expect, test } from "vitest";
import { escapeHtml, htmlToText } from "../../src/mail/html.ts";
import { parseTemplate, TemplateSyntaxError } from "../../src/mail/template.ts";

const VARIABLES = { Email: "a&b@example.com", Token: "123456", Data: { name: "Ann", tags: [], vip: true } };

test.each([
  ["{{ .Email }}", "a&amp;b@example.com"],
  ["{{.Token}}", "123456"],
  ["{{ .Data.name }} {{ .Data.constructor }}{{ .Nothing }}{{ .Nothing.more }}", "Ann "],
  ['{{ index .Data "name" }}', "Ann"],
  ["a {{- .Token -}} b", "a123456b"],
  ["{{/* said to nobody */}}x", "x"],
  ["{{ if .Data.vip }}yes{{ else }}no{{ end }}", "yes"],
  ["{{ if .Data.tags }}some{{ else if .Token }}none{{ end }}", "none"],
  ['{{ if eq .Data.name "Bob" "Ann" }}{{ if not .Nothing }}in{{ end }}{{ end }}|', "in|"],
  ['{{ if and .Token (.Data.name) }}x{{ end }}', TemplateSyntaxError],
  ["{{ range .Data.tags }}x{{ end }}", TemplateSyntaxError],
  ["{{ .Token | print }}", TemplateSyntaxError],
  ["{{ if .Token }}x", TemplateSyntaxError],
  ["x{{ end }}", TemplateSyntaxError],
  ["x {{ .Token", TemplateSyntaxError],
] as const)("%s", (source, expected) => {
  const render = () => parseTemplate(source)(VARIABLES, escapeHtml);
  if (typeof expected === "string") expect(render()).toBe(expected);
  else expect(render).toThrow(expected);
});

test("text of HTML: lines, links with their addresses, no markup", () => {
  expect(htmlToText('<style>p { color: red }</style><h2>Hi &amp; hello</h2>\n<p>Go <a class="x" href="https://a.example/?a=1&amp;b=2">there</a></p><br>&lt;end&gt;')).toBe("Hi & hello\nGo there: https://a.example/?a=1&b=2\n\n<end>");
});
