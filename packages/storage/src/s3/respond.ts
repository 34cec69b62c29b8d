import { reply } from "@plinth/core";
import { writeXml, type XmlContent } from "./xml/write-xml.ts";

export const xml = (root: string, content: XmlContent, headers: Readonly<Record<string, string>> = {}): Response =>
  reply(writeXml(root, content), { status: 200, headers: { "content-type": "application/xml", ...headers } });

export const empty = (status: 200 | 204, headers: Readonly<Record<string, string>> = {}): Response => reply(null, { status, headers: { ...headers } });
