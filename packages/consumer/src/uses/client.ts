import { ApiError, createUsersClient, type NewUser, type UsersClient } from "@user-management/client";

// @ts-expect-error a client knows where the service is
createUsersClient({});

export async function moved(users: UsersClient, user_id: string, address: string): Promise<string | undefined> {
  const found = await users.get(user_id);
  // @ts-expect-error there may be no such user
  void found.user;
  // @ts-expect-error no such field
  await users.update(user_id, { adress: address });
  return found && (await users.update(user_id, { address }, { ifMatch: found.etag })).etag;
}

export function isTaken(error: unknown): boolean {
  // @ts-expect-error no such problem
  if (error instanceof ApiError && error.type === "email-in-use") return true;
  return error instanceof ApiError && error.type === "email-taken";
}

// @ts-expect-error a gender is one of five
export const gender: NewUser["gender"] = "male";
