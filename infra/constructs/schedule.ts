import type { Duration } from 'aws-cdk-lib';
import { Rule, Schedule as Times } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as Target } from 'aws-cdk-lib/aws-events-targets';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

export interface ScheduleProps {
  readonly every: Duration;
  readonly workers: readonly LambdaFunction[];
}

/** Calls functions again and again. What they do must stand being called twice, late, or not at all this time. */
export class Schedule extends Construct {
  constructor(scope: Construct, id: string, { every, workers }: ScheduleProps) {
    super(scope, id);
    new Rule(this, 'Rule', { schedule: Times.rate(every), targets: workers.map((worker) => new Target(worker)) });
  }
}
