/*
 * Takes the place of what the SDK carries for other services in the bundle. DynamoDB has one endpoint per region, and
 * the client is told not to discover others; it has no operation that streams events.
 */

export function EndpointCache(): void {}

export function EventStreamSerde(): void {}
