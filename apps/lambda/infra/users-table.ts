import { TTL_ATTRIBUTE, DEFAULT_TABLE_NAME } from "@user-management/dynamo-adapter/table";
import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table } from "aws-cdk-lib/aws-dynamodb";
import type { Construct } from "constructs";

export interface UsersTable {
  readonly tableName: string;
  readonly tableArn: string;
}

/**
 * The table of the users. One that exists is left as it is: the stack neither changes nor removes it.
 *
 * A new one has the name that the service and its commands expect. A generated name would let a stack that is deployed
 * again, or beside the original service, start with an empty table and no warning; a fixed one is refused by
 * CloudFormation as already there, and can never be replaced by an update.
 */
export function createUsersTable(scope: Construct, existing: string | undefined): UsersTable {
  if (existing !== undefined) return Table.fromTableName(scope, "Table", existing);
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
