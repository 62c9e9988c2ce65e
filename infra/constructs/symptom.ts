import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

export interface Watching {
  readonly metric: IMetric;
  /** From here on it is a symptom. */
  readonly atLeast: number;
  /** So many of the last periods; one of one where nothing is said. */
  readonly periods?: readonly [bad: number, of: number];
  /** What is not told is well, except where telling is what must not end. */
  readonly silence?: 'is-a-symptom';
}

export interface SymptomProps extends Watching {
  /** Who is told. */
  readonly told: ITopic;
  /** What those who use the service feel of it. */
  readonly impact: string;
  /** The heading in docs/operations.md. */
  readonly section: string;
}

/** Something that somebody feels. Whoever is woken reads what that is, and where it stands what is safe to do. */
export class Symptom extends Alarm {
  constructor(scope: Construct, id: string, props: SymptomProps) {
    const { metric, atLeast, periods: [datapointsToAlarm, evaluationPeriods] = [1, 1], silence } = props;
    super(scope, id, {
      alarmName: `Postern-${id}`,
      alarmDescription: `${props.impact} What to do: docs/operations.md, "${props.section}".`,
      metric,
      threshold: atLeast,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      datapointsToAlarm,
      evaluationPeriods,
      treatMissingData: silence === undefined ? TreatMissingData.NOT_BREACHING : TreatMissingData.BREACHING,
    });
    const action = new SnsAction(props.told);
    this.addAlarmAction(action);
    this.addOkAction(action);
  }
}
