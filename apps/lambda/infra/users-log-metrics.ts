import { Metric, Unit } from "aws-cdk-lib/aws-cloudwatch";
import { FilterPattern, MetricFilter, type ILogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

/** The namespace of the metrics in CloudWatch. */
const NAMESPACE = "Users";

interface LogMetric {
  /** The conditions on members of the log record of a request. */
  readonly condition: string;
  /** The member with the value. Without it each matching record counts as 1. */
  readonly value?: string;
  readonly unit?: Unit;
}

/** The metrics by name. They have no dimensions, because CloudWatch charges for each combination of values. */
const LOG_METRICS = {
  Requests: { condition: "$.status = *" },
  RequestDuration: { condition: "$.duration_ms = *", value: "$.duration_ms", unit: Unit.MILLISECONDS },
  ColdStarts: { condition: "$.cold_start IS TRUE" },
  RejectedCredentials: { condition: "($.status = 401 || $.status = 429)" },
  MissingScopes: { condition: "$.status = 403" },
  InternalErrors: { condition: "$.status = 500" },
  StoreUnavailable: { condition: "$.status = 503" },
} satisfies Record<string, LogMetric>;

export type UsersLogMetrics = Readonly<Record<keyof typeof LOG_METRICS, Metric>>;

/** Creates metrics of the log records of requests, so that the function needs neither an agent nor an extension. */
export function createUsersLogMetrics(scope: Construct, logGroup: ILogGroup): UsersLogMetrics {
  const entries = Object.entries<LogMetric>(LOG_METRICS).map(([metricName, { condition, value = "1", unit }]) => {
    const filter = new MetricFilter(scope, `${metricName}Filter`, {
      logGroup,
      metricNamespace: NAMESPACE,
      metricName,
      filterPattern: FilterPattern.literal(`{ $.message = "request" && ${condition} }`),
      metricValue: value,
      unit: unit ?? Unit.COUNT,
    });
    return [metricName, filter.metric({ statistic: value === "1" ? "Sum" : "p99" })] as const;
  });
  return Object.fromEntries(entries) as UsersLogMetrics;
}
