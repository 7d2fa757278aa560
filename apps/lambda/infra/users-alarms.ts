import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, TreatMissingData, type Metric } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import type { UsersApi } from "./users-api.ts";
import type { UsersLogMetrics } from "./users-log-metrics.ts";

interface UsersAlarmsProps {
  readonly handler: IFunction;
  readonly api: UsersApi;
  /** The metrics of the function's log records. */
  readonly logMetrics: UsersLogMetrics;
  /** The ARN of the topic that is notified. Without it the alarms are visible in CloudWatch only. */
  readonly topicArn: string | undefined;
}

interface Rule {
  readonly description: string;
  readonly metric: Metric;
  /** The alarm goes off at this value or a higher one. */
  readonly threshold: number;
  /** The number of consecutive periods of 5 minutes at the threshold. */
  readonly periods: number;
}

/** Creates the alarms of the service. Missing data, as without traffic, is not an alarm. */
export function createUsersAlarms(scope: Construct, { handler, api, logMetrics, topicArn }: UsersAlarmsProps): void {
  const period = Duration.minutes(5);
  const rules: Record<string, Rule> = {
    Errors: {
      description: "The function fails: a bug, an invalid setting, or a timeout.",
      metric: handler.metricErrors({ period }),
      threshold: 1,
      periods: 1,
    },
    Throttles: {
      description: "Lambda throttles the function: the account has no concurrency left.",
      metric: handler.metricThrottles({ period }),
      threshold: 1,
      periods: 1,
    },
    // A call to DynamoDB times out and is retried after 1.2 seconds. A request without a retry takes a fraction of a
    // second, even the first request of an environment.
    Slow: {
      description: "1% of the requests take a second or longer: calls to the table are slow or are retried.",
      metric: handler.metricDuration({ period, statistic: "p99" }),
      threshold: 1_000,
      periods: 3,
    },
    // One or two may result from brief throttling of the table, after which clients retry.
    ServerErrors: {
      description: "Responses have 5xx status codes: the table is unavailable, or the function fails.",
      metric: api.serverErrors.with({ period }),
      threshold: 5,
      periods: 1,
    },
    InternalErrors: {
      description: "A response has the status code 500, which is a bug: the log record contains the error.",
      metric: logMetrics.InternalErrors.with({ period }),
      threshold: 1,
      periods: 1,
    },
    RejectedCredentials: {
      description: "Many requests have no valid credential: a key has expired or was revoked, or a client guesses.",
      metric: logMetrics.RejectedCredentials.with({ period }),
      threshold: 300,
      periods: 3,
    },
  };
  const action = topicArn === undefined ? undefined : new SnsAction(Topic.fromTopicArn(scope, "AlarmTopic", topicArn));
  for (const [name, { description, metric, threshold, periods }] of Object.entries(rules)) {
    const alarm = new Alarm(scope, `${name}Alarm`, {
      alarmDescription: description,
      metric,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    if (action) {
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
  }
}
