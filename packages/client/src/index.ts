export { ApiError, type Problem, type ProblemDetail, type ProblemType } from "./api-error.ts";
export { createUsersClient } from "./create-users-client.ts";
export type {
  CreateOptions,
  Fetch,
  ListOptions,
  NewUser,
  ReadOptions,
  RequestOptions,
  Status,
  User,
  UserPage,
  UserUpdate,
  UsersClient,
  UsersClientOptions,
  View,
  WriteOptions,
} from "./users-client.ts";
