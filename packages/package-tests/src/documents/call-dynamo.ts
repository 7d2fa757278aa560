/**
 * Calls an operation of a local engine, which does not verify the signature.
 *
 * @throws Error if the response is not successful
 */
export async function callDynamo(
  operation: string,
  input: object,
  endpoint: string = process.env["AWS_ENDPOINT_URL_DYNAMODB"]!,
): Promise<void> {
  const scope = "local/20260101/local/dynamodb/aws4_request";
  const response = await fetch(endpoint, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${operation}`,
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(input),
  });
  if (!response.ok) throw new Error(`${operation}: ${await response.text()}`);
}
