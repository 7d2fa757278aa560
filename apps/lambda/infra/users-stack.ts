import { CfnOutput, Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { DeploySettings } from "./settings.ts";
import { createUsersAlarms } from "./users-alarms.ts";
import { createHttpApi, createRestApi } from "./users-api.ts";
import { createUsersFunction } from "./users-function.ts";
import { createUsersTable } from "./users-table.ts";

export interface UsersStackProps extends DeploySettings {
  /** The function's code: the zip that `pnpm build` writes, or a folder with the same content. */
  readonly code: string;
}

/** The service on AWS: its table, its function, the API in front of it, and alarms. */
export function createUsersStack(scope: Construct, props: UsersStackProps): Stack {
  const stack = new Stack(scope, "Users", { description: "User management: a REST API that keeps users in DynamoDB" });
  const table = createUsersTable(stack, props.table);
  const handler = createUsersFunction(stack, { ...props, table });
  const api = props.api === "http" ? createHttpApi(stack, handler) : createRestApi(stack, handler, props.xray);
  createUsersAlarms(stack, { handler, api, topic: props.alarmTopic });
  output("Url", api.url);
  output("TableName", table.tableName);
  return stack;

  function output(name: string, value: string): CfnOutput {
    return new CfnOutput(stack, name, { value });
  }
}
