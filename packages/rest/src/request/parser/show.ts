/** A character as Haskell shows a string of it: `"é"` is `"\233"`. */
export function showString(character: string): string {
  return `"${character === '"' ? '\\"' : escapeCharacter(character)}"`;
}

/** A character as Haskell shows it alone. */
export function showCharacter(character: string): string {
  return `'${character === "'" ? "\\'" : escapeCharacter(character)}'`;
}

const CONTROL_NAMES =
  "NUL SOH STX ETX EOT ENQ ACK a b t n v f r SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US".split(" ");

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) as number;
  if (character === "\\") return "\\\\";
  if (code < 32) return `\\${CONTROL_NAMES[code]}`;
  if (code === 127) return "\\DEL";
  return code > 127 ? `\\${code}` : character;
}
