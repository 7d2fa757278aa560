import type { UserRepository } from "@user-management/domain";
export declare const partitionKey: "user_id";
export declare const repositories: UserRepository[];
