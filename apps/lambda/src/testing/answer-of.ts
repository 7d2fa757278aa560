/** What a handler returns to a gateway, in any of the formats. */
interface ProxyResult {
  readonly statusCode: number;
  readonly headers?: Record<string, string | number | boolean>;
  readonly multiValueHeaders?: Record<string, (string | number | boolean)[]>;
  readonly cookies?: string[];
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/**
 * What the client of a gateway receives when a function has returned this. (AWS: "Lambda proxy integrations in API
 * Gateway", under "Output format of a Lambda function for proxy integration"; "Create AWS Lambda proxy integrations for
 * HTTP APIs in API Gateway", under "Format of the Lambda function response".)
 *
 * @throws Error for what a REST API would call a malformed response
 */
export function answerOf(result: unknown): Response {
  if (!isProxyResult(result)) throw new Error(`no answer to an HTTP request: ${JSON.stringify(result)}`);
  const { statusCode, headers = {}, multiValueHeaders = {}, cookies = [], body = "", isBase64Encoded } = result;
  const received = new Headers();
  for (const [name, values] of Object.entries(multiValueHeaders))
    for (const value of values) received.append(name, String(value));
  for (const [name, value] of Object.entries(headers))
    if (!multiValueHeaders[name]?.includes(value)) received.append(name, String(value));
  for (const cookie of cookies) received.append("set-cookie", cookie);
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  return new Response(bytes.length === 0 ? null : bytes, { status: statusCode, headers: received });
}

function isProxyResult(result: unknown): result is ProxyResult {
  if (typeof result !== "object" || result === null) return false;
  const { statusCode, body = "" } = result as Partial<ProxyResult>;
  return Number.isInteger(statusCode) && typeof body === "string";
}
