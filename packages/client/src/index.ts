export { ApiError, type Problem, type ProblemDetail, type ProblemType } from "./api-error.ts";
export type { Fetch } from "./exchange.ts";
export type { UsersClientOptions } from "./options.ts";
export {
  createUsersClient,
  type CreateOptions,
  type ListOptions,
  type NewUser,
  type RequestOptions,
  type User,
  type UserChange,
  type UserPage,
  type UsersClient,
  type WriteOptions,
} from "./users-client.ts";
