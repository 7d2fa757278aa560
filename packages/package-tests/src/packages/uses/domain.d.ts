import { UserError, type RequestContext, type User, type UserErrorCode, type UserRepository } from "@user-management/domain";
export declare function createUser(input: unknown, context: RequestContext): Promise<string>;
export declare function getCode(error: UserError): UserErrorCode;
export declare function findVersion(error: unknown): number | undefined;
export declare function rename(user: User, context: RequestContext): Promise<User>;
export declare function throwIfAborted({ signal }: RequestContext): void;
export declare const incompleteContext: RequestContext;
export declare const incompleteRepository: UserRepository;
export type PrivateModule = typeof import("@user-management/domain/dist/users/user.js");
