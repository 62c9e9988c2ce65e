/** CloudWatch's alarms and dashboards, and the topic that they are told to: nobody is woken by this machine. */
import * as v from 'valibot';
import { account, immaterial, region, resourceType } from './template.ts';

const whatever = v.looseObject({});
const noAlarms = immaterial('nothing is watched on one machine; tests hold the alarms to what is measured');
const nobodyTold = immaterial('no alarm is raised here, so nobody is told of one');

export const cloudwatchTypes = [
  resourceType('AWS::CloudWatch::Alarm', whatever, {
    attributes: { Arn: (id) => `arn:aws:cloudwatch:${region}:${account}:alarm:${id}` },
  }),
  resourceType('AWS::CloudWatch::Dashboard', v.strictObject({ DashboardBody: noAlarms, DashboardName: noAlarms })),
  resourceType('AWS::SNS::Topic', v.strictObject({ KmsMasterKeyId: nobodyTold }), {
    id: ({ stack, logicalId }) => `arn:aws:sns:${region}:${account}:${stack}-${logicalId}`,
  }),
  resourceType('AWS::SNS::TopicPolicy', v.strictObject({ PolicyDocument: nobodyTold, Topics: nobodyTold })),
  resourceType(
    'AWS::SNS::Subscription',
    v.strictObject({ Endpoint: nobodyTold, Protocol: nobodyTold, TopicArn: nobodyTold }),
  ),
];
