import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  PeriodOverride,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

export interface Graph {
  readonly title: string;
  readonly left: readonly IMetric[];
  readonly right?: readonly IMetric[];
}

export interface Row {
  readonly title: string;
  /** What to look for. */
  readonly text: string;
  readonly graphs: readonly Graph[];
}

export interface ServiceDashboardProps {
  readonly rows: readonly Row[];
  readonly alarms: readonly Alarm[];
}

const width = 24;

/** CloudWatch shows at most 100 in one widget, and refuses a dashboard with more; half of that is readable. */
const mostAlarms = 50;

/** What is to be seen at a glance: the alarms, and below them a row of graphs a subject. */
export class ServiceDashboard extends Dashboard {
  constructor(scope: Construct, id: string, { rows, alarms }: ServiceDashboardProps) {
    super(scope, id, {
      dashboardName: 'Postern',
      defaultInterval: Duration.hours(3),
      periodOverride: PeriodOverride.INHERIT,
      widgets: [
        ...inPieces(alarms, mostAlarms).map((some): IWidget[] => [
          new AlarmStatusWidget({ title: 'Alarms', alarms: [...some], width, height: 4 }),
        ]),
        ...rows.flatMap(({ title, text, graphs }): IWidget[][] => [
          [new TextWidget({ markdown: `# ${title}\n${text}`, width, height: 2 })],
          graphs.map((graph) => widgetOf(graph, Math.floor(width / graphs.length))),
        ]),
      ],
    });
  }
}

const widgetOf = ({ title, left, right = [] }: Graph, ofWidth: number) =>
  new GraphWidget({ title, left: [...left], right: [...right], width: ofWidth, height: 6 });

const inPieces = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, piece) => items.slice(piece * size, (piece + 1) * size));
