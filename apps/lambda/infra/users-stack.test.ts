import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readDeploySettings } from "./settings.ts";
import { createUsersStack } from "./users-stack.ts";

const folder = mkdtempSync(join(tmpdir(), "users-stack-"));
afterAll(() => rmSync(folder, { recursive: true }));

const topic = "arn:aws:sns:eu-central-1:123456789012:operations";

let rest: Template;
let http: Template;

beforeAll(() => {
  rest = synthesise("rest", {});
  http = synthesise("http", {
    api: "http",
    table: "Original.Users",
    xray: "on",
    alarmTopic: topic,
    basePath: "/accounts",
    logLevel: "debug",
  });
}, 60_000);

/** The template of what a deployment with these switches would make, with a function that does nothing. */
function synthesise(name: string, context: Record<string, string>): Template {
  const code = join(folder, "code");
  mkdirSync(code, { recursive: true });
  writeFileSync(join(code, "index.mjs"), "export const handler = () => {};\n");
  const app = new App({ context, outdir: join(folder, name) });
  return Template.fromStack(createUsersStack(app, { ...readDeploySettings(app.node), code }));
}

/** The properties of the only resource of a type. */
function only(template: Template, type: string): Record<string, any> {
  const resources = Object.values(template.findResources(type));
  expect(resources).toHaveLength(1);
  return resources[0]!["Properties"];
}

/** Every statement of every policy of the function's role. */
function statements(template: Template): Record<string, unknown>[] {
  const inline = only(template, "AWS::IAM::Role")["Policies"] as Record<string, any>[];
  const attached = Object.values(template.findResources("AWS::IAM::Policy")).map((policy) => policy["Properties"]);
  return [...inline, ...attached].flatMap((policy) => policy["PolicyDocument"].Statement);
}

const idOf = (template: Template, type: string) => Object.keys(template.findResources(type))[0]!;

const ownLog = (template: Template) => ({
  Effect: "Allow",
  Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
  Resource: { "Fn::GetAtt": [idOf(template, "AWS::Logs::LogGroup"), "Arn"] },
});

const onFunction = (template: Template) => [
  { Name: "FunctionName", Value: { Ref: idOf(template, "AWS::Lambda::Function") } },
];

describe("the table", () => {
  test("has the original's name and key, is on demand, and deletes expired records by itself", () => {
    rest.hasResourceProperties("AWS::DynamoDB::Table", {
      TableName: "UsersTable",
      KeySchema: [{ AttributeName: "user_id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "user_id", AttributeType: "S" }],
      BillingMode: "PAY_PER_REQUEST",
      TimeToLiveSpecification: { AttributeName: "expires_at", Enabled: true },
    });
  });

  test("can be restored to any second, is protected from deletion, and stays when the stack goes", () => {
    rest.hasResource("AWS::DynamoDB::Table", {
      Properties: {
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        DeletionProtectionEnabled: true,
      },
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
    });
  });

  test("is none of the stack's when it exists already, and is served all the same", () => {
    http.resourcePropertiesCountIs("AWS::DynamoDB::Table", {}, 0);
    expect(JSON.stringify(http.toJSON())).not.toContain("AWS::DynamoDB");
    expect(only(http, "AWS::Lambda::Function")["Environment"].Variables).toMatchObject({
      USERS_TABLE: "Original.Users",
    });
  });
});

describe("the function", () => {
  test("runs the handler on Node.js 24 and arm64, with the memory and the time that were chosen", () => {
    rest.hasResourceProperties("AWS::Lambda::Function", {
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
      MemorySize: 1024,
      Timeout: 10,
    });
  });

  test("is told its table, and nothing that was not asked for", () => {
    expect(only(rest, "AWS::Lambda::Function")["Environment"]).toEqual({
      Variables: { USERS_TABLE: { Ref: idOf(rest, "AWS::DynamoDB::Table") } },
    });
    expect(only(http, "AWS::Lambda::Function")["Environment"]).toEqual({
      Variables: { USERS_TABLE: "Original.Users", BASE_PATH: "/accounts", LOG_LEVEL: "debug" },
    });
  });

  test("logs JSON into a group that keeps it for 30 days, and filters by itself", () => {
    rest.hasResourceProperties("AWS::Logs::LogGroup", { RetentionInDays: 30 });
    rest.hasResourceProperties("AWS::Lambda::Function", {
      LoggingConfig: {
        LogFormat: "JSON",
        ApplicationLogLevel: "DEBUG",
        LogGroup: { Ref: idOf(rest, "AWS::Logs::LogGroup") },
      },
    });
  });

  test("sends traces to X-Ray only when asked to", () => {
    rest.hasResourceProperties("AWS::Lambda::Function", { TracingConfig: Match.absent() });
    rest.hasResourceProperties("AWS::ApiGateway::Stage", { TracingEnabled: false });
    http.hasResourceProperties("AWS::Lambda::Function", { TracingConfig: { Mode: "Active" } });
  });
});

describe("the function's role", () => {
  const itemActions = ["GetItem", "BatchGetItem", "Scan", "PutItem", "UpdateItem", "DeleteItem"];
  const items = { Effect: "Allow", Action: itemActions.map((action) => `dynamodb:${action}`) };
  test("may use the items of the stack's table and write its own log, and nothing else", () => {
    const Resource = { "Fn::GetAtt": [idOf(rest, "AWS::DynamoDB::Table"), "Arn"] };
    expect(statements(rest)).toEqual([{ ...items, Resource }, ownLog(rest)]);
    expect(only(rest, "AWS::IAM::Role")).not.toHaveProperty("ManagedPolicyArns");
    expect(JSON.stringify(statements(rest))).not.toContain("*");
  });

  test("may use the items of an existing table by its very name, and with X-Ray send traces", () => {
    const [first, second, ...others] = statements(http);
    expect(first).toEqual({ ...items, Resource: { "Fn::Join": ["", expect.any(Array)] } });
    expect(JSON.stringify(first)).toContain('":table/Original.Users"');
    expect(second).toEqual(ownLog(http));
    const Action = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"];
    expect(others).toEqual([{ Effect: "Allow", Action, Resource: "*" }]);
    expect(only(http, "AWS::IAM::Role")).not.toHaveProperty("ManagedPolicyArns");
  });

  test("can be taken by Lambda alone", () => {
    expect(only(rest, "AWS::IAM::Role")["AssumeRolePolicyDocument"].Statement).toEqual([
      { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } },
    ]);
  });
});

describe("the REST API", () => {
  test("is what a deployment gets, unless it asks for another", () => {
    rest.resourceCountIs("AWS::ApiGateway::RestApi", 1);
    rest.resourceCountIs("AWS::ApiGatewayV2::Api", 0);
  });

  test("hands every path and method to the function, its own root included", () => {
    rest.hasResourceProperties("AWS::ApiGateway::Resource", { PathPart: "{proxy+}" });
    const methods = Object.values(rest.findResources("AWS::ApiGateway::Method")).map((method) => method["Properties"]);
    expect(methods.map((method) => method.ResourceId)).toEqual(
      expect.arrayContaining([
        { Ref: idOf(rest, "AWS::ApiGateway::Resource") },
        { "Fn::GetAtt": [idOf(rest, "AWS::ApiGateway::RestApi"), "RootResourceId"] },
      ]),
    );
    for (const method of methods)
      expect(method).toMatchObject({ HttpMethod: "ANY", Integration: { Type: "AWS_PROXY" } });
  });

  test("hands bodies over as the bytes they are", () => {
    rest.hasResourceProperties("AWS::ApiGateway::RestApi", { BinaryMediaTypes: ["*/*"] });
  });

  test("throttles every method of its stage", () => {
    expect(only(rest, "AWS::ApiGateway::Stage")["MethodSettings"]).toEqual([
      expect.objectContaining({
        HttpMethod: "*",
        ResourcePath: "/*",
        ThrottlingRateLimit: 500,
        ThrottlingBurstLimit: 500,
      }),
    ]);
  });

  test("alone may call the function", () => {
    const api = { Ref: idOf(rest, "AWS::ApiGateway::RestApi") };
    for (const { Properties } of Object.values(rest.findResources("AWS::Lambda::Permission"))) {
      expect(Properties).toMatchObject({ Action: "lambda:InvokeFunction", Principal: "apigateway.amazonaws.com" });
      expect(Properties.SourceArn["Fn::Join"][1]).toContainEqual(api);
    }
  });
});

describe("the HTTP API", () => {
  test("takes the place of the REST API when it is asked for", () => {
    http.resourceCountIs("AWS::ApiGatewayV2::Api", 1);
    http.resourceCountIs("AWS::ApiGateway::RestApi", 0);
  });

  test("hands every path and method to the function, in payload version 2.0", () => {
    expect(only(http, "AWS::ApiGatewayV2::Route")).toMatchObject({ RouteKey: "$default" });
    expect(only(http, "AWS::ApiGatewayV2::Integration")).toMatchObject({
      IntegrationType: "AWS_PROXY",
      PayloadFormatVersion: "2.0",
    });
  });

  test("has the default stage, deployed with every change and throttled", () => {
    expect(only(http, "AWS::ApiGatewayV2::Stage")).toMatchObject({
      StageName: "$default",
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 500, ThrottlingBurstLimit: 500 },
    });
  });

  test("alone may call the function", () => {
    const { SourceArn, ...permission } = only(http, "AWS::Lambda::Permission");
    expect(permission).toMatchObject({ Action: "lambda:InvokeFunction", Principal: "apigateway.amazonaws.com" });
    expect(SourceArn["Fn::Join"][1]).toContainEqual({ Ref: idOf(http, "AWS::ApiGatewayV2::Api") });
  });
});

describe("an alarm goes off", () => {
  test.for(["Errors", "Throttles"])("at the first of the function's %s in 5 minutes", (MetricName) => {
    for (const template of [rest, http]) {
      template.hasResourceProperties("AWS::CloudWatch::Alarm", {
        Namespace: "AWS/Lambda",
        MetricName,
        Dimensions: onFunction(template),
        Statistic: "Sum",
        Period: 300,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
      });
    }
  });

  test("when one request in a hundred has taken a second or longer for 15 minutes", () => {
    for (const template of [rest, http]) {
      template.hasResourceProperties("AWS::CloudWatch::Alarm", {
        Namespace: "AWS/Lambda",
        MetricName: "Duration",
        Dimensions: onFunction(template),
        ExtendedStatistic: "p99",
        Period: 300,
        EvaluationPeriods: 3,
        Threshold: 1000,
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
      });
    }
  });

  test("at 5 answers of 5xx in 5 minutes, by either kind of API", () => {
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
        { Name: "ApiName", Value: only(rest, "AWS::ApiGateway::RestApi")["Name"] },
        { Name: "Stage", Value: { Ref: idOf(rest, "AWS::ApiGateway::Stage") } },
      ],
    });
    http.hasResourceProperties("AWS::CloudWatch::Alarm", {
      ...rule,
      MetricName: "5xx",
      Dimensions: [
        { Name: "ApiId", Value: { Ref: idOf(http, "AWS::ApiGatewayV2::Api") } },
        { Name: "Stage", Value: "$default" },
      ],
    });
  });

  test("never for want of traffic", () => {
    rest.resourceCountIs("AWS::CloudWatch::Alarm", 4);
    rest.allResourcesProperties("AWS::CloudWatch::Alarm", { TreatMissingData: "notBreaching" });
  });

  test("and tells the topic, if there is one, also when it is over", () => {
    http.allResourcesProperties("AWS::CloudWatch::Alarm", { AlarmActions: [topic], OKActions: [topic] });
    rest.allResourcesProperties("AWS::CloudWatch::Alarm", { AlarmActions: Match.absent(), OKActions: Match.absent() });
  });
});

test("the outputs are the URL and the table's name", () => {
  expect(rest.toJSON()["Outputs"]).toEqual({
    Url: { Value: { "Fn::Join": ["", expect.arrayContaining(["https://", ".execute-api."])] } },
    TableName: { Value: { Ref: idOf(rest, "AWS::DynamoDB::Table") } },
  });
  expect(http.toJSON()["Outputs"]).toMatchObject({
    Url: { Value: { "Fn::Join": ["", expect.arrayContaining(["https://", ".execute-api."])] } },
    TableName: { Value: "Original.Users" },
  });
});

describe("a deployment is refused", () => {
  test.for<[Record<string, unknown>, string]>([
    [{ api: "soap" }, "api must be rest or http"],
    [{ api: "" }, "api must be a text that is not empty"],
    [{ xray: true }, "xray must be a text that is not empty"],
    [{ xray: "yes" }, "xray must be on or off"],
    [{ table: "a table" }, "USERS_TABLE must be 3 to 255 letters, digits, dots, hyphens or underscores"],
    [{ basePath: "accounts" }, "BASE_PATH must be a path such as /accounts"],
    [{ logLevel: "loud" }, "LOG_LEVEL must be one of silent, fatal, error, warn, info, debug"],
    [{ alarmTopic: "operations" }, "alarmTopic must be the ARN of an SNS topic"],
    [{ tabel: "UsersTable" }, "tabel is not a setting: api, table, xray, alarmTopic, basePath, logLevel are"],
  ])("with %j", ([context, message]) => {
    expect(() => readDeploySettings(new App({ context }).node)).toThrow(message);
  });

  test("in one line", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, "app.ts")], {
      env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify({ api: "soap" }) },
      encoding: "utf8",
    });
    expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: "", stderr: "deploy: api must be rest or http\n" });
  });
});
