/** What the README's shorter examples take for granted. */
declare const backend: import("plinth").Backend;
declare const project: import("plinth").ProjectWithKeys;
declare const createClient: typeof import("@supabase/supabase-js").createClient;
declare const url: string;
declare const userId: string;
declare const user: { readonly id: string };
declare const jwtSecret: string;
