/** What is told of a mail or message that is not sent anywhere. */
export type AuthLog = (line: string, fields: Readonly<Record<string, unknown>>) => void;
