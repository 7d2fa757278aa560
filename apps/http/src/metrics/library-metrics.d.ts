/** The modules of the library that its `collectDefaultMetrics` calls. It has no types for them. */
declare module "@prometheus-io/client/lib/metrics/*" {
  const createMetrics: (
    registry: import("@prometheus-io/client").Registry,
    options?: { readonly eventLoopMonitoringPrecision: number },
  ) => void;
  export default createMetrics;
}
