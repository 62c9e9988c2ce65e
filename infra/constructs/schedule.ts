import type { Duration } from 'aws-cdk-lib';
import { Rule, Schedule as Times } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as Target } from 'aws-cdk-lib/aws-events-targets';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

export interface ScheduleProps {
  readonly every: Duration;
  readonly worker: LambdaFunction;
}

/** Calls a function again and again. What it does must stand being called twice, late, or not at all this time. */
export class Schedule extends Construct {
  constructor(scope: Construct, id: string, { every, worker }: ScheduleProps) {
    super(scope, id);
    new Rule(this, 'Rule', { schedule: Times.rate(every), targets: [new Target(worker)] });
  }
}
