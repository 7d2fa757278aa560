import type { UserService } from "@user-management/domain";
export declare function createFetch(users: UserService): (request: Request) => Response | Promise<Response>;
export declare const version: string;
export declare const notFound: import("@user-management/rest-adapter").Problem;
export declare const nonexistent: any;
