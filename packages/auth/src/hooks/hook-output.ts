/** What a hook answers with: a JSON object. */
export type HookOutput = Readonly<Record<string, unknown>>;
