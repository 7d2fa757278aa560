/**
 * Takes the place of the SDK's cache of discovered endpoints in the bundle: DynamoDB has one endpoint per region, and
 * the client is told not to discover others.
 */
export function EndpointCache(): void {}
