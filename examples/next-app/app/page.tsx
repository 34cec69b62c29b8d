import { backend } from "../backend";

export const dynamic = "force-dynamic";

/** A server component that uses the backend in process. */
export default async function Page() {
  const { defaultRef } = await backend();
  return <p>Plinth serves the project “{defaultRef}” at /api/rest/v1.</p>;
}
