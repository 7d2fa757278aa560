import type { UserService } from "@user-management/domain";
import document from "@user-management/rest-adapter/openapi.json" with { type: "json" };
import {
  allowAnonymous,
  createApp,
  createProblem,
  PROBLEM_TYPES,
  type RequestRecord,
} from "@user-management/rest-adapter";

export function createFetch(users: UserService): (request: Request) => Response | Promise<Response> {
  // @ts-expect-error the use cases are missing
  createApp({});
  // @ts-expect-error the authentication is missing
  createApp({ users });
  const statuses: number[] = [];
  const onResponse = ({ status }: RequestRecord) => statuses.push(status);
  return createApp({ users, authenticate: allowAnonymous, onResponse }).fetch;
}

export const version: string = document.openapi;

export const notFound = createProblem("not-found", { detail: "No page has this path." });

// @ts-expect-error the problem type does not exist
export const nonexistent = PROBLEM_TYPES["nonsense"];
