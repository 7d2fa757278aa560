import type { UserUpdate as DomainUserUpdate, UserFields, UserIssueCode } from "@user-management/domain";
import type { ProblemType as ServiceProblemType } from "@user-management/rest-adapter";
import { expectTypeOf, test } from "vitest";
import {
  createUsersClient,
  type ApiError,
  type NewUser,
  type Problem,
  type ProblemDetail,
  type ProblemType,
  type User,
  type UserUpdate,
  type UsersClient,
} from "./index.ts";
import { buildNewUser } from "./testing/fixtures.ts";

// The compiler checks the types in these tests.

test("the types agree with the domain's", () => {
  expectTypeOf<ProblemType>().toEqualTypeOf<ServiceProblemType>();
  expectTypeOf<Extract<ProblemDetail, { pointer: string }>["code"]>().toEqualTypeOf<UserIssueCode>();
  expectTypeOf<keyof NewUser>().toEqualTypeOf<keyof UserFields>();
  expectTypeOf<NewUser>().toExtend<UserFields>();
  expectTypeOf<keyof UserUpdate>().toEqualTypeOf<keyof DomainUserUpdate>();
  expectTypeOf<UserUpdate>().toExtend<DomainUserUpdate>();
});

test("results are typed", () => {
  expectTypeOf<ReturnType<UsersClient["create"]>>().resolves.toEqualTypeOf<{ user_id: string; etag: string }>();
  expectTypeOf<ReturnType<UsersClient["get"]>>().resolves.toEqualTypeOf<{ user: User; etag: string } | undefined>();
  expectTypeOf<ReturnType<UsersClient["findByEmail"]>>().resolves.toEqualTypeOf<User | undefined>();
  expectTypeOf<ReturnType<UsersClient["findByExternalId"]>>().resolves.toEqualTypeOf<User | undefined>();
  expectTypeOf<User["user_id"]>().toEqualTypeOf<string>();
  expectTypeOf<User["lastname"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<User["metadata"]>().toEqualTypeOf<Record<string, string> | undefined>();
  expectTypeOf<User["version"]>().toEqualTypeOf<number | undefined>();
});

/** Compiled, never called. */
const sendRequests = (users: UsersClient): unknown[] => [
  users.create(buildNewUser({ gender: "Unspecified" })),
  // @ts-expect-error: required fields are missing
  users.create({ lastname: "Doe" }),
  // @ts-expect-error: a user has no such field
  users.create({ ...buildNewUser(), nickname: "Jo" }),
  // @ts-expect-error: not a value of gender
  users.create({ ...buildNewUser(), gender: "male" }),
  users.update("id", { firstname: null, external_id: null, status: null, metadata: { a: "1", b: null } }),
  users.update("id", { metadata: null }),
  // @ts-expect-error: a new user has no member to remove
  users.create({ ...buildNewUser(), metadata: { a: null } }),
  // @ts-expect-error: a member is text
  users.update("id", { metadata: { a: 1 } }),
  // @ts-expect-error: not a status
  users.update("id", { status: "deleted" }),
  users.list({ status: "suspended", view: "full" }),
  // @ts-expect-error: not a status
  users.list({ status: "deleted" }),
  // @ts-expect-error: not a view
  users.get("id", { view: "all" }),
  // @ts-expect-error: a required field cannot be removed
  users.update("id", { lastname: null }),
  // @ts-expect-error: a missing entity tag would make the write unconditional
  users.delete("id", { ifMatch: undefined }),
];

/** Compiled, never called. */
const createClients = (baseUrl: string, apiKey: string | undefined, token: () => Promise<string>): UsersClient[] => [
  createUsersClient({ baseUrl, apiKey }),
  createUsersClient({ baseUrl, token }),
  createUsersClient({ baseUrl, ...(apiKey === undefined ? { token } : { apiKey }) }),
  // @ts-expect-error: an API key and a token exclude each other
  createUsersClient({ baseUrl, apiKey, token }),
  // @ts-expect-error: a token is a function, because it expires
  createUsersClient({ baseUrl, token: "token" }),
  // @ts-expect-error: the function returns a promise
  createUsersClient({ baseUrl, token: () => "token" }),
];

/** Compiled, never called. */
const distinguish = (error: ApiError): boolean => {
  // @ts-expect-error: no problem has this name
  if (error.type === "email-token") return false;
  return error.type === "email-taken" || error.type === "network-error";
};

test("invalid arguments, invalid credentials and unknown problem types do not compile", () => {
  expectTypeOf(sendRequests).returns.toEqualTypeOf<unknown[]>();
  expectTypeOf(createClients).returns.toEqualTypeOf<UsersClient[]>();
  expectTypeOf(distinguish).returns.toEqualTypeOf<boolean>();
});

test("the types of errors are a closed set", () => {
  expectTypeOf<Problem["type"]>().toEqualTypeOf<`urn:user-management:problem:${ProblemType}`>();
  expectTypeOf<ApiError["type"]>().toEqualTypeOf<ProblemType | "network-error" | "unexpected-response">();
});
