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
 * In MB, chosen for the CPU that comes with it: a core is 1,769 MB (AWS: "Configure Lambda function memory"). A request
 * mostly waits for DynamoDB, so that a whole core would be paid for and stand idle; with a small part of one the first
 * requests of an environment, whose code is not yet compiled, would be slow.
 */
const MEMORY = 1024;

/** The service answers within 5 seconds whatever the table does. Twice that only ends what hangs by a bug. */
const TIMEOUT = Duration.seconds(10);

/** What the repository calls. A write in a transaction needs the action of the write, and no other. */
const ACTIONS = ["GetItem", "BatchGetItem", "Scan", "PutItem", "UpdateItem", "DeleteItem"];

interface UsersFunctionProps {
  readonly table: UsersTable;
  /** The zip that `pnpm build` writes, or a folder with the same content. */
  readonly code: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly xray: boolean;
}

/**
 * The service as a function. Its role may touch the items of the one table and write to its own log, nothing else;
 * with X-Ray also send traces, which AWS does not let narrow down to a resource.
 */
export function createUsersFunction(scope: Construct, props: UsersFunctionProps): LambdaFunction {
  const { table, code, environment, xray } = props;
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
    memorySize: MEMORY,
    timeout: TIMEOUT,
    role,
    environment: { ...environment, USERS_TABLE: table.tableName },
    logGroup,
    loggingFormat: LoggingFormat.JSON,
    // The function leaves out by itself what is below LOG_LEVEL: one filter, not two.
    applicationLogLevelV2: ApplicationLogLevel.DEBUG,
    tracing: xray ? Tracing.ACTIVE : Tracing.DISABLED,
  });
}
