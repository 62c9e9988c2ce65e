/** CloudWatch Logs: every group is the one log of this machine. */
import * as v from 'valibot';
import { account, immaterial, region, resourceType } from './template.ts';

const oneLog = immaterial('the log is a file of this machine, which its owner keeps as long as he likes');

export const logsTypes = [
  resourceType('AWS::Logs::LogGroup', v.strictObject({ LogGroupName: oneLog, RetentionInDays: oneLog }), {
    attributes: { Arn: (id) => `arn:aws:logs:${region}:${account}:log-group:${id}:*` },
  }),
];
