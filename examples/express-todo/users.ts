/** The host's own users. A real application has a table and passwords; this one has two people. */
export const USERS = {
  ann: { id: "00000000-0000-4000-8000-00000000000a", name: "Ann" },
  bob: { id: "00000000-0000-4000-8000-00000000000b", name: "Bob" },
} as const;

export type UserName = keyof typeof USERS;

export const isUserName = (name: string): name is UserName => Object.hasOwn(USERS, name);
