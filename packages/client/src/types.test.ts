import type { UserChange as ChangeOfDomain, UserFields, UserIssueCode } from "@user-management/domain";
import type { ProblemType as TypeOfService } from "@user-management/rest-adapter";
import { expectTypeOf, test } from "vitest";
import type { ApiError, NewUser, Problem, ProblemDetail, ProblemType, User, UserChange, UsersClient } from "./index.ts";
import { newUser } from "./testing/new-user.ts";

// What is said here of types is judged by the compiler.

test("the types are those of the core", () => {
  expectTypeOf<ProblemType>().toEqualTypeOf<TypeOfService>();
  expectTypeOf<Extract<ProblemDetail, { pointer: string }>["code"]>().toEqualTypeOf<UserIssueCode>();
  expectTypeOf<keyof NewUser>().toEqualTypeOf<keyof UserFields>();
  expectTypeOf<NewUser>().toExtend<UserFields>();
  expectTypeOf<keyof UserChange>().toEqualTypeOf<keyof ChangeOfDomain>();
  expectTypeOf<UserChange>().toExtend<ChangeOfDomain>();
});

test("what comes back is typed", () => {
  expectTypeOf<ReturnType<UsersClient["create"]>>().resolves.toEqualTypeOf<{ user_id: string; etag: string }>();
  expectTypeOf<ReturnType<UsersClient["get"]>>().resolves.toEqualTypeOf<{ user: User; etag: string } | undefined>();
  expectTypeOf<ReturnType<UsersClient["findByEmail"]>>().resolves.toEqualTypeOf<User | undefined>();
  expectTypeOf<User["user_id"]>().toEqualTypeOf<string>();
  expectTypeOf<User["lastname"]>().toEqualTypeOf<string | undefined>();
});

/** Never called: the compiler alone judges it. */
const asks = (users: UsersClient): unknown[] => [
  users.create(newUser({ gender: "Unspecified" })),
  // @ts-expect-error: a field is missing
  users.create({ lastname: "Doe" }),
  // @ts-expect-error: a field is not one of a user
  users.create({ ...newUser(), nickname: "Jo" }),
  // @ts-expect-error: a value is not one of the gender's
  users.create({ ...newUser(), gender: "male" }),
  users.update("id", { firstname: null }),
  // @ts-expect-error: a field that is required cannot be removed
  users.update("id", { lastname: null }),
  // @ts-expect-error: an entity tag that is missing would be no condition
  users.delete("id", { ifMatch: undefined }),
];

/** Never called either. */
const decide = (error: ApiError): boolean => {
  // @ts-expect-error: no problem is called so
  if (error.type === "email-token") return false;
  return error.type === "email-taken" || error.type === "no-answer";
};

test("what cannot be right does not compile", () => {
  expectTypeOf(asks).returns.toEqualTypeOf<unknown[]>();
  expectTypeOf(decide).returns.toEqualTypeOf<boolean>();
});

test("an error has one of the types that there are", () => {
  expectTypeOf<Problem["type"]>().toEqualTypeOf<`urn:user-management:problem:${ProblemType}`>();
  expectTypeOf<ApiError["type"]>().toEqualTypeOf<ProblemType | "no-answer" | "unexpected-answer">();
});
