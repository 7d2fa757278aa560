import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createLog } from "../src/log.ts";
import { readDeploySettings } from "./settings.ts";
import { createUsersStack } from "./users-stack.ts";

const folder = mkdtempSync(join(tmpdir(), "users-stack-"));
afterAll(() => rmSync(folder, { recursive: true }));

const topicArn = "arn:aws:sns:eu-central-1:123456789012:operations";

let rest: Template;
let http: Template;
let signedRest: Template;
let signedHttp: Template;

beforeAll(() => {
  rest = synthesize("rest", {});
  http = synthesize("http", {
    api: "http",
    table: "Original.Users",
    keysTable: "Original.Keys",
    xray: "on",
    alarmTopic: topicArn,
    basePath: "/accounts",
    logLevel: "debug",
  });
  signedRest = synthesize("signed-rest", { auth: "iam" });
  signedHttp = synthesize("signed-http", { auth: "iam", api: "http", table: "Original.Users" });
}, 60_000);

/** Synthesizes the template of a deployment with these settings and a function that does nothing. */
function synthesize(name: string, context: Record<string, string>): Template {
  const code = join(folder, "code");
  mkdirSync(code, { recursive: true });
  writeFileSync(join(code, "index.mjs"), "export const handler = () => {};\n");
  const app = new App({ context, outdir: join(folder, name) });
  return Template.fromStack(createUsersStack(app, { ...readDeploySettings(app.node), code }));
}

/** Returns the properties of the only resource of a type. */
function getOnly(template: Template, type: string): Record<string, any> {
  const resources = Object.values(template.findResources(type));
  expect(resources).toHaveLength(1);
  return resources[0]!["Properties"];
}

/** Returns the statements of all policies of the function's role. */
function listStatements(template: Template): Record<string, unknown>[] {
  const inline = getOnly(template, "AWS::IAM::Role")["Policies"] as Record<string, any>[];
  const attached = Object.values(template.findResources("AWS::IAM::Policy")).map((policy) => policy["Properties"]);
  return [...inline, ...attached].flatMap((policy) => policy["PolicyDocument"].Statement);
}

/** Returns the logical id of the table of API keys. */
function getKeysTableId(template: Template): string {
  const tables = Object.entries(template.findResources("AWS::DynamoDB::Table"));
  return tables.find(([, { Properties }]) => Properties["KeySchema"][0].AttributeName === "id")![0];
}

/** Returns the logical id of the first resource of a type. */
function getLogicalId(template: Template, type: string): string {
  return Object.keys(template.findResources(type))[0]!;
}

/** Returns the statement that allows writing to the function's own log group. */
function getLogStatement(template: Template) {
  return {
    Effect: "Allow",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: { "Fn::GetAtt": [getLogicalId(template, "AWS::Logs::LogGroup"), "Arn"] },
  };
}

/** Returns the dimensions of the function's metrics. */
function getFunctionDimensions(template: Template) {
  return [{ Name: "FunctionName", Value: { Ref: getLogicalId(template, "AWS::Lambda::Function") } }];
}

describe("users table", () => {
  test("has the name and key of the original table, on-demand capacity and a TTL attribute", () => {
    rest.hasResourceProperties("AWS::DynamoDB::Table", {
      TableName: "UsersTable",
      KeySchema: [{ AttributeName: "user_id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "user_id", AttributeType: "S" }],
      BillingMode: "PAY_PER_REQUEST",
      TimeToLiveSpecification: { AttributeName: "expires_at", Enabled: true },
    });
  });

  test("is not part of the stack if it exists already, and the function uses it", () => {
    http.resourcePropertiesCountIs("AWS::DynamoDB::Table", {}, 0);
    expect(JSON.stringify(http.toJSON())).not.toContain("AWS::DynamoDB");
    expect(getOnly(http, "AWS::Lambda::Function")["Environment"].Variables).toMatchObject({
      USERS_TABLE: "Original.Users",
    });
  });
});

describe("table of API keys", () => {
  test("has the key of the adapter, on-demand capacity, no TTL attribute, and a name after that of the users table", () => {
    for (const [template, TableName] of [
      [rest, "UsersTableKeys"],
      [signedHttp, "Original.UsersKeys"],
    ] as const) {
      template.hasResourceProperties("AWS::DynamoDB::Table", {
        TableName,
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        BillingMode: "PAY_PER_REQUEST",
        TimeToLiveSpecification: Match.absent(),
      });
    }
  });

  test("is not part of the stack if it exists already, and the function uses it", () => {
    http.resourceCountIs("AWS::DynamoDB::Table", 0);
    expect(getOnly(http, "AWS::Lambda::Function")["Environment"].Variables).toMatchObject({
      USERS_KEYS_TABLE: "Original.Keys",
    });
  });
});

test("every table has point-in-time recovery and deletion protection, and is retained when the stack is deleted", () => {
  rest.resourceCountIs("AWS::DynamoDB::Table", 2);
  rest.allResources("AWS::DynamoDB::Table", {
    Properties: {
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      DeletionProtectionEnabled: true,
    },
    DeletionPolicy: "Retain",
    UpdateReplacePolicy: "Retain",
  });
});

describe("function", () => {
  test("runs the handler on Node.js 24 and arm64, with its memory and timeout", () => {
    rest.hasResourceProperties("AWS::Lambda::Function", {
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
      MemorySize: 1024,
      Timeout: 10,
    });
  });

  test("has the variables of its tables, and others only if they are set", () => {
    expect(getOnly(rest, "AWS::Lambda::Function")["Environment"]).toEqual({
      Variables: {
        USERS_TABLE: { Ref: getLogicalId(rest, "AWS::DynamoDB::Table") },
        USERS_KEYS_TABLE: { Ref: getKeysTableId(rest) },
      },
    });
    expect(getOnly(http, "AWS::Lambda::Function")["Environment"]).toEqual({
      Variables: {
        USERS_TABLE: "Original.Users",
        USERS_KEYS_TABLE: "Original.Keys",
        BASE_PATH: "/accounts",
        LOG_LEVEL: "debug",
      },
    });
    expect(getOnly(signedRest, "AWS::Lambda::Function")["Environment"].Variables).toMatchObject({ USERS_AUTH: "iam" });
  });

  test("logs JSON to a log group with a retention of 30 days, without a filter of Lambda", () => {
    rest.hasResourceProperties("AWS::Logs::LogGroup", { RetentionInDays: 30 });
    rest.hasResourceProperties("AWS::Lambda::Function", {
      LoggingConfig: {
        LogFormat: "JSON",
        ApplicationLogLevel: "DEBUG",
        LogGroup: { Ref: getLogicalId(rest, "AWS::Logs::LogGroup") },
      },
    });
  });

  test("sends traces to X-Ray only if xray is on", () => {
    rest.hasResourceProperties("AWS::Lambda::Function", { TracingConfig: Match.absent() });
    rest.hasResourceProperties("AWS::ApiGateway::Stage", { TracingEnabled: false });
    http.hasResourceProperties("AWS::Lambda::Function", { TracingConfig: { Mode: "Active" } });
  });
});

describe("role of the function", () => {
  const itemActions = ["GetItem", "BatchGetItem", "Scan", "PutItem", "UpdateItem", "DeleteItem"];
  const items = { Effect: "Allow", Action: itemActions.map((action) => `dynamodb:${action}`) };
  const readKeys = { Effect: "Allow", Action: "dynamodb:Scan" };
  const updateLastUse = {
    Effect: "Allow",
    Action: "dynamodb:UpdateItem",
    Condition: {
      "ForAllValues:StringEquals": { "dynamodb:Attributes": ["id", "last_used_at"] },
      StringEqualsIfExists: { "dynamodb:ReturnValues": "NONE" },
    },
  };

  test("allows access to users, reads of keys, updates of their last use, and writes to the log group, and nothing else", () => {
    const Resource = { "Fn::GetAtt": [getLogicalId(rest, "AWS::DynamoDB::Table"), "Arn"] };
    const keysTable = { "Fn::GetAtt": [getKeysTableId(rest), "Arn"] };
    expect(listStatements(rest)).toEqual([
      { ...items, Resource },
      { ...readKeys, Resource: keysTable },
      { ...updateLastUse, Resource: keysTable },
      getLogStatement(rest),
    ]);
    expect(keysTable).not.toEqual(Resource);
    expect(getOnly(rest, "AWS::IAM::Role")).not.toHaveProperty("ManagedPolicyArns");
    expect(JSON.stringify(listStatements(rest))).not.toContain("*");
  });

  test("allows access to existing tables by their exact names, and sending traces with X-Ray", () => {
    const [users, keys, lastUse, log, ...others] = listStatements(http);
    const Resource = { "Fn::Join": ["", expect.any(Array)] };
    expect(users).toEqual({ ...items, Resource });
    expect(JSON.stringify(users)).toContain('":table/Original.Users"');
    expect(keys).toEqual({ ...readKeys, Resource });
    expect(lastUse).toEqual({ ...updateLastUse, Resource });
    for (const statement of [keys, lastUse]) expect(JSON.stringify(statement)).toContain('":table/Original.Keys"');
    expect(log).toEqual(getLogStatement(http));
    const Action = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"];
    expect(others).toEqual([{ Effect: "Allow", Action, Resource: "*" }]);
    expect(getOnly(http, "AWS::IAM::Role")).not.toHaveProperty("ManagedPolicyArns");
  });

  test("can be assumed by Lambda only", () => {
    expect(getOnly(rest, "AWS::IAM::Role")["AssumeRolePolicyDocument"].Statement).toEqual([
      { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } },
    ]);
  });
});

describe("REST API", () => {
  test("is the default", () => {
    rest.resourceCountIs("AWS::ApiGateway::RestApi", 1);
    rest.resourceCountIs("AWS::ApiGatewayV2::Api", 0);
  });

  test("passes every path and method to the function, including the root", () => {
    rest.hasResourceProperties("AWS::ApiGateway::Resource", { PathPart: "{proxy+}" });
    const methods = Object.values(rest.findResources("AWS::ApiGateway::Method")).map((method) => method["Properties"]);
    expect(methods.map((method) => method.ResourceId)).toEqual(
      expect.arrayContaining([
        { Ref: getLogicalId(rest, "AWS::ApiGateway::Resource") },
        { "Fn::GetAtt": [getLogicalId(rest, "AWS::ApiGateway::RestApi"), "RootResourceId"] },
      ]),
    );
    for (const method of methods)
      expect(method).toMatchObject({ HttpMethod: "ANY", Integration: { Type: "AWS_PROXY" } });
  });

  test("requires a signature for every method only if auth is iam", () => {
    signedRest.resourceCountIs("AWS::ApiGateway::Method", 2);
    signedRest.allResourcesProperties("AWS::ApiGateway::Method", { HttpMethod: "ANY", AuthorizationType: "AWS_IAM" });
    rest.allResourcesProperties("AWS::ApiGateway::Method", { AuthorizationType: "NONE" });
  });

  test("passes bodies on as bytes", () => {
    rest.hasResourceProperties("AWS::ApiGateway::RestApi", { BinaryMediaTypes: ["*/*"] });
  });

  test("throttles every method of its stage", () => {
    expect(getOnly(rest, "AWS::ApiGateway::Stage")["MethodSettings"]).toEqual([
      expect.objectContaining({
        HttpMethod: "*",
        ResourcePath: "/*",
        ThrottlingRateLimit: 500,
        ThrottlingBurstLimit: 500,
      }),
    ]);
  });

  test("is the only caller of the function", () => {
    const api = { Ref: getLogicalId(rest, "AWS::ApiGateway::RestApi") };
    for (const { Properties } of Object.values(rest.findResources("AWS::Lambda::Permission"))) {
      expect(Properties).toMatchObject({ Action: "lambda:InvokeFunction", Principal: "apigateway.amazonaws.com" });
      expect(Properties.SourceArn["Fn::Join"][1]).toContainEqual(api);
    }
  });
});

describe("HTTP API", () => {
  test("replaces the REST API if api is http", () => {
    http.resourceCountIs("AWS::ApiGatewayV2::Api", 1);
    http.resourceCountIs("AWS::ApiGateway::RestApi", 0);
  });

  test("passes every path and method to the function, in payload format 2.0", () => {
    expect(getOnly(http, "AWS::ApiGatewayV2::Route")).toMatchObject({ RouteKey: "$default" });
    expect(getOnly(http, "AWS::ApiGatewayV2::Integration")).toMatchObject({
      IntegrationType: "AWS_PROXY",
      PayloadFormatVersion: "2.0",
    });
  });

  test("requires a signature for its route only if auth is iam", () => {
    expect(getOnly(signedHttp, "AWS::ApiGatewayV2::Route")).toMatchObject({
      RouteKey: "$default",
      AuthorizationType: "AWS_IAM",
    });
    expect(getOnly(http, "AWS::ApiGatewayV2::Route")).toMatchObject({ AuthorizationType: "NONE" });
  });

  test("has the default stage, which is deployed automatically and throttled", () => {
    expect(getOnly(http, "AWS::ApiGatewayV2::Stage")).toMatchObject({
      StageName: "$default",
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 500, ThrottlingBurstLimit: 500 },
    });
  });

  test("is the only caller of the function", () => {
    const { SourceArn, ...permission } = getOnly(http, "AWS::Lambda::Permission");
    expect(permission).toMatchObject({ Action: "lambda:InvokeFunction", Principal: "apigateway.amazonaws.com" });
    expect(SourceArn["Fn::Join"][1]).toContainEqual({ Ref: getLogicalId(http, "AWS::ApiGatewayV2::Api") });
  });
});

describe("an alarm goes off", () => {
  test.for(["Errors", "Throttles"])("at the first of the function's %s in 5 minutes", (MetricName) => {
    for (const template of [rest, http]) {
      template.hasResourceProperties("AWS::CloudWatch::Alarm", {
        Namespace: "AWS/Lambda",
        MetricName,
        Dimensions: getFunctionDimensions(template),
        Statistic: "Sum",
        Period: 300,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
      });
    }
  });

  test("if 1% of the requests have taken a second or longer for 15 minutes", () => {
    for (const template of [rest, http]) {
      template.hasResourceProperties("AWS::CloudWatch::Alarm", {
        Namespace: "AWS/Lambda",
        MetricName: "Duration",
        Dimensions: getFunctionDimensions(template),
        ExtendedStatistic: "p99",
        Period: 300,
        EvaluationPeriods: 3,
        Threshold: 1000,
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
      });
    }
  });

  test("at 5 responses with a 5xx status code in 5 minutes, with either kind of API", () => {
    const rule = {
      Namespace: "AWS/ApiGateway",
      Statistic: "Sum",
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 5,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
    };
    rest.hasResourceProperties("AWS::CloudWatch::Alarm", {
      ...rule,
      MetricName: "5XXError",
      Dimensions: [
        { Name: "ApiName", Value: getOnly(rest, "AWS::ApiGateway::RestApi")["Name"] },
        { Name: "Stage", Value: { Ref: getLogicalId(rest, "AWS::ApiGateway::Stage") } },
      ],
    });
    http.hasResourceProperties("AWS::CloudWatch::Alarm", {
      ...rule,
      MetricName: "5xx",
      Dimensions: [
        { Name: "ApiId", Value: { Ref: getLogicalId(http, "AWS::ApiGatewayV2::Api") } },
        { Name: "Stage", Value: "$default" },
      ],
    });
  });

  test("at one 500, which is a bug, and at 300 rejected credentials in each of three periods", () => {
    for (const [MetricName, Threshold, EvaluationPeriods] of [
      ["InternalErrors", 1, 1],
      ["RejectedCredentials", 300, 3],
    ] as const) {
      rest.hasResourceProperties("AWS::CloudWatch::Alarm", {
        Namespace: "Users",
        MetricName,
        Statistic: "Sum",
        Period: 300,
        EvaluationPeriods,
        Threshold,
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
      });
    }
  });

  test("never because of missing data", () => {
    rest.resourceCountIs("AWS::CloudWatch::Alarm", 6);
    rest.allResourcesProperties("AWS::CloudWatch::Alarm", { TreatMissingData: "notBreaching" });
  });

  test("and notifies the topic, if there is one, of its start and its end", () => {
    http.allResourcesProperties("AWS::CloudWatch::Alarm", { AlarmActions: [topicArn], OKActions: [topicArn] });
    rest.allResourcesProperties("AWS::CloudWatch::Alarm", { AlarmActions: Match.absent(), OKActions: Match.absent() });
  });
});

describe("metrics of the log", () => {
  test("count the records of requests by their members, without dimensions", () => {
    const filters = Object.values(rest.findResources("AWS::Logs::MetricFilter")).map(({ Properties }) => Properties);
    const patterns = filters.map(({ FilterPattern, LogGroupName, MetricTransformations: [metric, ...others] }) => {
      expect(LogGroupName).toEqual({ Ref: getLogicalId(rest, "AWS::Logs::LogGroup") });
      expect(others).toEqual([]);
      expect(metric).toMatchObject({ MetricNamespace: "Users" });
      expect(metric).not.toHaveProperty("Dimensions");
      return `${metric.MetricName} ${metric.MetricValue}: ${FilterPattern}`;
    });
    expect(patterns).toEqual([
      'Requests 1: { $.message = "request" && $.status = * }',
      'RequestDuration $.duration_ms: { $.message = "request" && $.duration_ms = * }',
      'ColdStarts 1: { $.message = "request" && $.cold_start IS TRUE }',
      'RejectedCredentials 1: { $.message = "request" && ($.status = 401 || $.status = 429) }',
      'MissingScopes 1: { $.message = "request" && $.status = 403 }',
      'InternalErrors 1: { $.message = "request" && $.status = 500 }',
      'StoreUnavailable 1: { $.message = "request" && $.status = 503 }',
    ]);
  });

  test("are made of members that the function logs", async () => {
    const records: Record<string, unknown>[] = [];
    const write = vi.spyOn(process.stdout, "write").mockImplementation((line) => {
      records.push(JSON.parse(String(line)) as Record<string, unknown>);
      return true;
    });
    const record = { requestId: "1", method: "GET", route: "/users", status: 503, durationMs: 1, contentLength: 0 };
    createLog("info").request({ ...record, auth: "none" }, "2", true);
    write.mockRestore();
    const expressions = Object.values(rest.findResources("AWS::Logs::MetricFilter")).flatMap(({ Properties }) => [
      ...String(Properties["FilterPattern"]).matchAll(/\$\.(\w+)/g),
    ]);
    expect(records[0]).toMatchObject({ message: "request", status: 503, cold_start: true });
    for (const [, member] of expressions) expect(records[0]).toHaveProperty(member!);
  });
});

test("the outputs are the URL and the names of the tables", () => {
  expect(rest.toJSON()["Outputs"]).toEqual({
    Url: { Value: { "Fn::Join": ["", expect.arrayContaining(["https://", ".execute-api."])] } },
    TableName: { Value: { Ref: getLogicalId(rest, "AWS::DynamoDB::Table") } },
    KeysTableName: { Value: { Ref: getKeysTableId(rest) } },
  });
  expect(http.toJSON()["Outputs"]).toMatchObject({
    Url: { Value: { "Fn::Join": ["", expect.arrayContaining(["https://", ".execute-api."])] } },
    TableName: { Value: "Original.Users" },
    KeysTableName: { Value: "Original.Keys" },
  });
});
