import { EndpointType, LambdaRestApi } from "aws-cdk-lib/aws-apigateway";
import { HttpApi, HttpStage } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";

/**
 * Requests a second; what is beyond is answered 429 by the gateway and costs nothing behind it. A new on-demand table
 * starts at 4,000 write units a second, and the dearest request, a create with an `Idempotency-Key`, takes 6.
 */
const RATE = 500;

/** Requests at one moment: half of the 1,000 executions that an account may have under way at once by default. */
const BURST = 500;

export interface UsersApi {
  /** Where the service's paths begin, with a slash at the end. */
  readonly url: string;
  /** How many requests were answered 5xx, by the service or by the gateway. */
  readonly serverErrors: Metric;
}

/** A REST API (payload 1.0), as the original service has it. Every path and method reaches the service. */
export function createRestApi(scope: Construct, handler: IFunction, xray: boolean): UsersApi {
  const api = new LambdaRestApi(scope, "RestApi", {
    handler,
    restApiName: "Users",
    endpointTypes: [EndpointType.REGIONAL],
    // As bytes: otherwise the gateway makes text of them, and a body that is not UTF-8 would pass as one that is.
    binaryMediaTypes: ["*/*"],
    deployOptions: { throttlingRateLimit: RATE, throttlingBurstLimit: BURST, tracingEnabled: xray },
    cloudWatchRole: false,
    integrationOptions: { allowTestInvoke: false },
  });
  api.node.tryRemoveChild("Endpoint"); // An output of the construct's own, of the same URL.
  return { url: api.url, serverErrors: api.deploymentStage.metricServerError({ statistic: "Sum" }) };
}

/** An HTTP API (payload 2.0): cheaper, with less to configure. Every path and method reaches the service. */
export function createHttpApi(scope: Construct, handler: IFunction): UsersApi {
  const httpApi = new HttpApi(scope, "HttpApi", {
    apiName: "Users",
    createDefaultStage: false,
    defaultIntegration: new HttpLambdaIntegration("Function", handler),
  });
  const stage = new HttpStage(scope, "HttpStage", {
    httpApi,
    autoDeploy: true,
    throttle: { rateLimit: RATE, burstLimit: BURST },
  });
  return { url: stage.url, serverErrors: stage.metricServerError({ statistic: "Sum" }) };
}
