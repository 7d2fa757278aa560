export { ApiError, type Problem, type ProblemDetail, type ProblemType } from "./api-error.ts";
export { createUsersClient } from "./create-users-client.ts";
export type {
  CreateOptions,
  Fetch,
  ListOptions,
  NewUser,
  RequestOptions,
  User,
  UserPage,
  UserUpdate,
  UsersClient,
  UsersClientOptions,
  WriteOptions,
} from "./users-client.ts";
