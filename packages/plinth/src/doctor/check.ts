/** What one check found. */
export interface Finding {
  readonly status: "ok" | "warning" | "problem";
  /** What was looked at, in a few words. */
  readonly title: string;
  /** What was found. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

export const ok = (title: string, message: string): Finding => ({ status: "ok", title, message });
export const warning = (title: string, message: string, hint: string): Finding => ({ status: "warning", title, message, hint });
export const problem = (title: string, message: string, hint: string): Finding => ({ status: "problem", title, message, hint });
