import { type UsersClient } from "@user-management/client";
import type { RequestContext, UserService } from "@user-management/domain";
export declare const context: RequestContext;
export declare function fetchEmail(url: string, { signal }: RequestContext): Promise<string>;
export declare function copyUser(id: string, from: UsersClient, to: UserService): Promise<boolean>;
export declare const invalidContext: RequestContext;
