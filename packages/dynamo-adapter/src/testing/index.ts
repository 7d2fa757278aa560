export { createUsersTable, startDynamo, type Dynamo, type TestTables } from "./dynamo.ts";
