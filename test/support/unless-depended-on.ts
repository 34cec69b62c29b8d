const DEPENDENT_OBJECTS_STILL_EXIST = "2BP01";

/** Waits for a login to be dropped, but where a backend of another test has let it into a database of its own, with every login that there was. */
export async function unlessDependedOn(dropping: Promise<unknown>): Promise<void> {
  await dropping.catch((error: { readonly code?: string }) => {
    if (error.code !== DEPENDENT_OBJECTS_STILL_EXIST) throw error;
  });
}
