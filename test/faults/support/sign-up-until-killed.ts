// Signs users up in a data directory until it is killed; says which e-mail addresses were answered with a session.
// On its first line it says what it found: users, and what of them is half made.
import { CompiledQuery } from "kysely";
import { createBackend } from "plinth";
import { shareTemplate } from "./share-template.ts";

const [dataDirectory = "", round = "0"] = process.argv.slice(2);
shareTemplate(dataDirectory);
const backend = await createBackend({ dataDirectory, databaseUrl: false, auth: { mailer: { autoconfirm: true }, password: { cost: 4 } } });
const { anonKey } = await backend.projects.get("default");

const HALF_MADE = `
select u.email, exists (select from auth.identities i where i.user_id = u.id and i.provider = 'email') and u.encrypted_password <> '' and u.email_confirmed_at is not null
    and exists (select from auth.sessions s join auth.mfa_amr_claims c on c.session_id = s.id where s.user_id = u.id) as whole
from auth.users u`;
const owner = await backend.ownerDatabase("default");
const { rows } = await owner.db.executeQuery<{ email: string; whole: boolean }>(CompiledQuery.raw(HALF_MADE));
await owner.release();
process.stdout.write(`${JSON.stringify(rows)}\n`);

for (let i = 0; ; i++) {
  await Promise.all([0, 1, 2].map(async (lane) => {
    const email = `user-${round}-${i}-${lane}@example.com`;
    const response = await backend.fetch("http://backend/auth/v1/signup", { method: "POST", headers: { apikey: anonKey, "content-type": "application/json" }, body: JSON.stringify({ email, password: "correct horse" }) });
    if (response.status === 200) process.stdout.write(`${email}\n`);
  }));
}
