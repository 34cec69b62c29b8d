/** An entry of an archive, as hostile as it has to be: nothing of it is checked. */
export interface TarEntry {
  readonly name: string;
  /** The header's type flag. Default: "0", a file. */
  readonly type?: string;
  readonly content?: string;
  /** What a link leads to. */
  readonly link?: string;
}

const BLOCK = 512;

/** POSIX.1-1988's archive (ustar), written by hand: libraries refuse to make the bad ones. */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const content = Buffer.from(entry.content ?? "");
    return [headerOf(entry, content.length), content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(BLOCK * 2)]);
}

function headerOf({ name, type = "0", link = "" }: TarEntry, size: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, "0")}\0`;
  header.write(name, 0);
  header.write(octal(0o644, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size, 12), 124);
  header.write(octal(0, 12), 136);
  header.write("        ", 148);
  header.write(type, 156);
  header.write(link, 157);
  header.write("ustar\u000000", 257);
  header.write(octal(header.reduce((sum, byte) => sum + byte, 0), 7), 148);
  return header;
}
