import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { ApiError, type NewUser } from "../index.ts";

/** Builds a new user with a unique email. */
export function buildNewUser(fields: Partial<NewUser> = {}): NewUser {
  return {
    lastname: "Doe",
    dob: "1990-01-01",
    address: "123 Main St, City, Country",
    gender: "Male",
    email: `${randomUUID()}@example.com`,
    phone_number: "1234567890",
    ...fields,
  };
}

/** Returns the error that the promise rejects with, and fails the test if it is not an `ApiError`. */
export async function catchApiError(promise: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}
