import { DEFAULT_TABLE_NAME, getDefaultKeysTableName, TTL_ATTRIBUTE } from "@user-management/dynamo-adapter/table";
import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table, type TableProps } from "aws-cdk-lib/aws-dynamodb";
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
  return createTable(scope, "Table", {
    tableName: DEFAULT_TABLE_NAME,
    partitionKey: { name: "user_id", type: AttributeType.STRING },
    timeToLiveAttribute: TTL_ATTRIBUTE,
  });
}

/**
 * Creates the table of API keys, or refers to an existing one. The name of a new table follows that of the users table,
 * so that the commands find it. It has no time to live, because expired and revoked keys stay stored.
 */
export function createKeysTable(
  scope: Construct,
  existingName: string | undefined,
  usersTableName: string = DEFAULT_TABLE_NAME,
): UsersTable {
  if (existingName !== undefined) return Table.fromTableName(scope, "KeysTable", existingName);
  return createTable(scope, "KeysTable", {
    tableName: getDefaultKeysTableName(usersTableName),
    partitionKey: { name: "id", type: AttributeType.STRING },
  });
}

/** Creates a table with on-demand capacity that is protected against the loss of its data. */
function createTable(scope: Construct, id: string, props: TableProps): Table {
  return new Table(scope, id, {
    ...props,
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
}
