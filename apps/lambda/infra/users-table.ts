import { DEFAULT_TABLE_NAME, TTL_ATTRIBUTE } from "@user-management/dynamo-adapter/table";
import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table } from "aws-cdk-lib/aws-dynamodb";
import type { Construct } from "constructs";

export interface UsersTable {
  readonly tableName: string;
  readonly tableArn: string;
}

/**
 * Creates the users table, or refers to an existing one, which the stack neither updates nor deletes.
 *
 * A new table has the default name of the service and its commands. With a generated name, a stack that is deployed
 * again, or beside the original service, would start with an empty table without a warning. With a fixed name
 * CloudFormation reports that the table exists, and no update can replace it.
 */
export function createUsersTable(scope: Construct, existingName: string | undefined): UsersTable {
  if (existingName !== undefined) return Table.fromTableName(scope, "Table", existingName);
  return new Table(scope, "Table", {
    tableName: DEFAULT_TABLE_NAME,
    partitionKey: { name: "user_id", type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    timeToLiveAttribute: TTL_ATTRIBUTE,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
}
