import { anonKey, apiUrl } from "./config.js";

const { auth, storage } = supabase.createClient(apiUrl, anonKey);
const pictures = storage.from("pictures");

const input = document.querySelector("#file");
const status = document.querySelector("#status");
const gallery = document.querySelector("#gallery");

input.addEventListener("change", () => telling(async () => show([await upload(input.files[0])])));

await telling(async () => {
  const user = await signedIn();
  const mine = allowed(await pictures.list(user.id, { sortBy: { column: "created_at", order: "asc" } }));
  await show(mine.map(({ name }) => `${user.id}/${name}`));
  input.disabled = false;
});

/** Whoever was here before, by the session in this origin's own storage; else somebody new, without a name. */
async function signedIn() {
  const { data } = await auth.getUser();
  return data.user ?? allowed(await auth.signInAnonymously()).user;
}

/** Asks the server for leave, and sends the file straight to Storage. */
async function upload(file) {
  const { data } = await auth.getSession();
  const response = await fetch(`${apiUrl}/uploads`, { method: "POST", headers: { authorization: `Bearer ${data.session?.access_token}` } });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  allowed(await pictures.uploadToSignedUrl(answer.name, answer.token, file, { contentType: file.type }));
  return answer.name;
}

/** Nobody else can read them: their addresses are signed, and hold for an hour. */
async function show(names) {
  if (names.length === 0) return;
  for (const { signedUrl } of allowed(await pictures.createSignedUrls(names, 3600))) {
    const image = document.createElement("img");
    image.alt = "";
    image.src = signedUrl;
    gallery.prepend(image);
  }
}

/** What a client of Supabase's answers, or what it says is wrong. */
function allowed({ data, error }) {
  if (error) throw error;
  return data;
}

async function telling(work) {
  status.textContent = "";
  try {
    await work();
  } catch (error) {
    status.textContent = error.message;
  }
}
