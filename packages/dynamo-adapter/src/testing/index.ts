export { createUsersTable, startDynamo, type Dynamo } from "./dynamo.ts";
