import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, TreatMissingData, type Metric } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import type { UsersApi } from "./users-api.ts";

interface UsersAlarmsProps {
  readonly handler: IFunction;
  readonly api: UsersApi;
  /** The ARN of the topic that is told; without it the alarms only show in CloudWatch. */
  readonly topic: string | undefined;
}

interface Rule {
  readonly description: string;
  readonly metric: Metric;
  /** The value from which on it is too much. */
  readonly threshold: number;
  /** For how many periods of five minutes in a row. */
  readonly periods: number;
}

/** What somebody should look at. No traffic is no alarm. */
export function createUsersAlarms(scope: Construct, { handler, api, topic }: UsersAlarmsProps): void {
  const period = Duration.minutes(5);
  const rules: Record<string, Rule> = {
    Errors: {
      description: "The function has failed: a bug, a wrong setting, or it was ended by its timeout",
      metric: handler.metricErrors({ period }),
      threshold: 1,
      periods: 1,
    },
    Throttles: {
      description: "Lambda has refused to run the function: no concurrency is left",
      metric: handler.metricThrottles({ period }),
      threshold: 1,
      periods: 1,
    },
    // A call to DynamoDB is given up and tried again after 1.2 seconds; a request that meets no such call takes a small
    // part of a second, also the first of an environment.
    Slow: {
      description: "One request in a hundred takes a second or longer: calls to the table are slow or tried again",
      metric: handler.metricDuration({ period, statistic: "p99" }),
      threshold: 1_000,
      periods: 3,
    },
    // One or two may be a moment's throttling of the table, which clients try again after.
    ServerErrors: {
      description: "Requests are answered 5xx: the table does not serve, or the function fails",
      metric: api.serverErrors.with({ period }),
      threshold: 5,
      periods: 1,
    },
  };
  const action = topic === undefined ? undefined : new SnsAction(Topic.fromTopicArn(scope, "AlarmTopic", topic));
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
