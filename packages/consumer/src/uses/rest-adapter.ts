import type { UserService } from "@user-management/domain";
import document from "@user-management/rest-adapter/openapi.json" with { type: "json" };
import { createApp, Problem, problemTypes, type Exchange } from "@user-management/rest-adapter";

export function serve(users: UserService): (request: Request) => Response | Promise<Response> {
  // @ts-expect-error an app has users
  createApp({});
  const statuses: number[] = [];
  return createApp({ users, onExchange: ({ status }: Exchange) => statuses.push(status) }).fetch;
}

export const version: string = document.openapi;

export const gone = new Problem("not-found", { detail: "There is nothing at this path." });

// @ts-expect-error no such problem
export const nonsense = problemTypes["nonsense"];
