export { startDynamo, type Dynamo } from "./start-dynamo.ts";
export { createUsersTable } from "./create-users-table.ts";
