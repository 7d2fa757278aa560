import { CfnOutput, Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { DeploySettings } from "./settings.ts";
import { createUsersAlarms } from "./users-alarms.ts";
import { createHttpApi, createRestApi } from "./users-api.ts";
import { createUsersFunction } from "./users-function.ts";
import { createUsersLogMetrics } from "./users-log-metrics.ts";
import { createKeysTable, createUsersTable } from "./users-table.ts";

export interface UsersStackProps extends DeploySettings {
  /** The path of the zip that `pnpm build` writes, or of a folder with the same content. */
  readonly code: string;
}

/** Creates the service on AWS: the tables, the function, the API in front of it, and the alarms. */
export function createUsersStack(scope: Construct, props: UsersStackProps): Stack {
  const stack = new Stack(scope, "Users", { description: "User management: a REST API with DynamoDB as its store" });
  const table = createUsersTable(stack, props.table);
  const keysTable = createKeysTable(stack, props.keysTable, props.table);
  const handler = createUsersFunction(stack, { ...props, table, keysTable });
  const api = props.api === "http" ? createHttpApi(stack, handler, props) : createRestApi(stack, handler, props);
  const logMetrics = createUsersLogMetrics(stack, handler.logGroup);
  createUsersAlarms(stack, { handler, api, logMetrics, topicArn: props.alarmTopic });
  addOutput("Url", api.url);
  addOutput("TableName", table.tableName);
  addOutput("KeysTableName", keysTable.tableName);
  return stack;

  function addOutput(name: string, value: string): CfnOutput {
    return new CfnOutput(stack, name, { value });
  }
}
