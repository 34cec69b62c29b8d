const LINE_FEED = 0x0a;

/** Counts rows in the text format of COPY: each is a line, and has no line feed in it. */
export class LineCount {
  count = 0;
  /** Whether what was added last ended with its line. */
  isWhole = true;

  add(bytes: Buffer): void {
    for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) this.count++;
    this.isWhole = bytes.at(-1) === LINE_FEED;
  }
}
