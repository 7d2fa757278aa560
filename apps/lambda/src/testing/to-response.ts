/** The result of a handler, in any of the formats. */
interface ProxyResult {
  readonly statusCode: number;
  readonly headers?: Record<string, string | number | boolean>;
  readonly multiValueHeaders?: Record<string, (string | number | boolean)[]>;
  readonly cookies?: string[];
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/**
 * Converts the result of a handler to the response that the gateway sends to its client. (AWS: "Lambda proxy
 * integrations in API Gateway", under "Output format of a Lambda function for proxy integration"; "Create AWS Lambda
 * proxy integrations for HTTP APIs in API Gateway", under "Format of the Lambda function response".)
 *
 * @throws Error if a REST API would report a malformed response
 */
export function toResponse(result: unknown): Response {
  if (!isProxyResult(result)) throw new Error(`The result is not an HTTP response: ${JSON.stringify(result)}`);
  const { statusCode, headers = {}, multiValueHeaders = {}, cookies = [], body = "", isBase64Encoded } = result;
  const sent = new Headers();
  for (const [name, values] of Object.entries(multiValueHeaders)) {
    for (const value of values) sent.append(name, String(value));
  }
  for (const [name, value] of Object.entries(headers)) {
    if (!multiValueHeaders[name]?.includes(value)) sent.append(name, String(value));
  }
  for (const cookie of cookies) sent.append("set-cookie", cookie);
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  return new Response(bytes.length === 0 ? null : bytes, { status: statusCode, headers: sent });
}

function isProxyResult(result: unknown): result is ProxyResult {
  if (typeof result !== "object" || result === null) return false;
  const { statusCode, body = "" } = result as Partial<ProxyResult>;
  return Number.isInteger(statusCode) && typeof body === "string";
}
