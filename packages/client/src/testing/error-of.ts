import { expect } from "vitest";
import { ApiError } from "../index.ts";

/** The error that this ends with. */
export async function errorOf(work: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await work.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}
