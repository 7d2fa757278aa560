import { type TestClient } from "@user-management/rest-adapter/testing";
export declare function createTable(): Promise<string>;
export declare const insertUser: () => Promise<string>;
export declare const getUser: (client: TestClient) => Promise<Record<string, unknown>>;
