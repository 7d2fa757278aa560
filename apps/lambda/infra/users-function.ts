import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { UsersTable } from "./users-table.ts";

/**
 * The memory is chosen for the CPU that comes with it: 1,769 MB are one vCPU (AWS: "Configure Lambda function memory").
 * A request mostly waits for DynamoDB, so that most of a whole vCPU would be idle. With a small fraction of one, the
 * first requests of an environment, whose code is not yet compiled, would be slow.
 */
const MEMORY_MB = 1024;

/** The service responds within 5 seconds, also if the table is unavailable. Only a bug can exceed the timeout. */
const TIMEOUT = Duration.seconds(10);

/** The actions of the repository. A write in a transaction needs only its own action, such as `PutItem`. */
const ACTIONS = ["GetItem", "BatchGetItem", "Scan", "PutItem", "UpdateItem", "DeleteItem"];

/** The attributes that the function updates in the table of keys, with its partition key. */
const UPDATED_KEY_ATTRIBUTES = ["id", "last_used_at"];

interface UsersFunctionProps {
  readonly table: UsersTable;
  readonly keysTable: UsersTable;
  /** The path of the zip that `pnpm build` writes, or of a folder with the same content. */
  readonly code: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly xray: boolean;
}

/**
 * Creates the function. Its role allows access to the items of the users table, reads of the API keys, updates of the
 * last use of a key, and writes to its own log group. It cannot create, revoke or delete a key. With X-Ray it also allows
 * sending traces, which AWS cannot restrict to a resource.
 */
export function createUsersFunction(scope: Construct, props: UsersFunctionProps): LambdaFunction {
  const { table, keysTable, code, environment, xray } = props;
  const logGroup = new LogGroup(scope, "Log", {
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new Role(scope, "Role", {
    assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    inlinePolicies: {
      Users: new PolicyDocument({
        statements: [
          new PolicyStatement({
            actions: ACTIONS.map((action) => `dynamodb:${action}`),
            resources: [table.tableArn],
          }),
          new PolicyStatement({ actions: ["dynamodb:Scan"], resources: [keysTable.tableArn] }),
          // AWS: "Using IAM policy conditions for fine-grained access control". A request may omit `ReturnValues`,
          // which is `NONE` then.
          new PolicyStatement({
            actions: ["dynamodb:UpdateItem"],
            resources: [keysTable.tableArn],
            conditions: {
              "ForAllValues:StringEquals": { "dynamodb:Attributes": UPDATED_KEY_ATTRIBUTES },
              StringEqualsIfExists: { "dynamodb:ReturnValues": "NONE" },
            },
          }),
          new PolicyStatement({
            actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
            resources: [logGroup.logGroupArn],
          }),
        ],
      }),
    },
  });
  return new LambdaFunction(scope, "Function", {
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: "index.handler",
    code: Code.fromAsset(code),
    memorySize: MEMORY_MB,
    timeout: TIMEOUT,
    role,
    environment: { ...environment, USERS_TABLE: table.tableName, USERS_KEYS_TABLE: keysTable.tableName },
    logGroup,
    loggingFormat: LoggingFormat.JSON,
    // The function itself omits records below LOG_LEVEL, so Lambda must not filter them again.
    applicationLogLevelV2: ApplicationLogLevel.DEBUG,
    tracing: xray ? Tracing.ACTIVE : Tracing.DISABLED,
  });
}
