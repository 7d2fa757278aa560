import { type NewUser, type UsersClient } from "@user-management/client";
export declare function move(users: UsersClient, user_id: string, address: string): Promise<string | undefined>;
export declare function isEmailTaken(error: unknown): boolean;
export declare const gender: NewUser["gender"];
