import { AuthorizationType, EndpointType, LambdaRestApi } from "aws-cdk-lib/aws-apigateway";
import { HttpApi, HttpNoneAuthorizer, HttpStage } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpIamAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { DeploySettings } from "./settings.ts";

/**
 * The steady rate of requests. The gateway rejects requests beyond it with 429, without invoking the function. A new
 * on-demand table starts at 4,000 write units per second, and the most expensive request, a create with an
 * `Idempotency-Key`, consumes 6.
 */
const RATE_LIMIT_PER_S = 500;

/** The maximum burst of requests: half of an account's default limit of 1,000 concurrent executions. */
const BURST_LIMIT = 500;

export interface UsersApi {
  /** The base URL of the service, with a trailing slash. */
  readonly url: string;
  /** The number of responses with a 5xx status code, of the service or of the gateway. */
  readonly serverErrors: Metric;
}

/**
 * Creates a REST API (payload 1.0), as in the original service. It passes every path and method to the function, in the
 * mode `iam` only of requests that are signed.
 */
export function createRestApi(
  scope: Construct,
  handler: IFunction,
  { auth, xray }: Pick<DeploySettings, "auth" | "xray">,
): UsersApi {
  const api = new LambdaRestApi(scope, "RestApi", {
    handler,
    restApiName: "Users",
    endpointTypes: [EndpointType.REGIONAL],
    // Passes bodies on as bytes. Otherwise the gateway decodes them, and a body of invalid UTF-8 would become valid.
    binaryMediaTypes: ["*/*"],
    deployOptions: { throttlingRateLimit: RATE_LIMIT_PER_S, throttlingBurstLimit: BURST_LIMIT, tracingEnabled: xray },
    cloudWatchRole: false,
    defaultMethodOptions: { authorizationType: auth === "iam" ? AuthorizationType.IAM : AuthorizationType.NONE },
    integrationOptions: { allowTestInvoke: false },
  });
  api.node.tryRemoveChild("Endpoint"); // The construct's own output, which has the same URL.
  return { url: api.url, serverErrors: api.deploymentStage.metricServerError({ statistic: "Sum" }) };
}

/**
 * Creates an HTTP API (payload 2.0): cheaper, with fewer options. It passes every path and method to the function, in the
 * mode `iam` only of requests that are signed.
 */
export function createHttpApi(scope: Construct, handler: IFunction, { auth }: Pick<DeploySettings, "auth">): UsersApi {
  const httpApi = new HttpApi(scope, "HttpApi", {
    apiName: "Users",
    createDefaultStage: false,
    defaultIntegration: new HttpLambdaIntegration("Function", handler),
    defaultAuthorizer: auth === "iam" ? new HttpIamAuthorizer() : new HttpNoneAuthorizer(),
  });
  const stage = new HttpStage(scope, "HttpStage", {
    httpApi,
    autoDeploy: true,
    throttle: { rateLimit: RATE_LIMIT_PER_S, burstLimit: BURST_LIMIT },
  });
  return { url: stage.url, serverErrors: stage.metricServerError({ statistic: "Sum" }) };
}
