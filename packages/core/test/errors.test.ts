import { BackendError, CORE_ERRORS } from "@plinth/core";
import { expect, test } from "vitest";

test("every code of the core names one error only", () => {
  const codes = Object.values(CORE_ERRORS).map((definition) => definition.code);
  expect(new Set(codes).size).toBe(codes.length);
});

test("an error takes its words from the table unless it is given others", () => {
  const plain = new BackendError(CORE_ERRORS.closed);
  expect(plain).toMatchObject({ code: "PLINTH_CLOSED", status: 503, message: "The backend is closed.", hint: null });
  expect(new BackendError(CORE_ERRORS.closed, { message: "Gone.", hint: "Open it." })).toMatchObject({ message: "Gone.", hint: "Open it." });
});
