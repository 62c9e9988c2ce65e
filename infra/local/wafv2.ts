/** WAF: whoever reaches this machine is let in to it; its rules are held to by the tests of the template. */
import * as v from 'valibot';
import { account, immaterial, region, resourceType } from './template.ts';

const letIn = immaterial('a firewall holds off strangers, and this machine listens to itself alone');

export const wafTypes = [
  resourceType(
    'AWS::WAFv2::WebACL',
    v.strictObject({
      CustomResponseBodies: letIn,
      DefaultAction: letIn,
      Rules: letIn,
      Scope: letIn,
      VisibilityConfig: letIn,
    }),
    { attributes: { Arn: (id) => `arn:aws:wafv2:${region}:${account}:regional/webacl/${id}` } },
  ),
  resourceType('AWS::WAFv2::WebACLAssociation', v.strictObject({ ResourceArn: letIn, WebACLArn: letIn })),
  resourceType(
    'AWS::WAFv2::LoggingConfiguration',
    v.strictObject({
      LogDestinationConfigs: letIn,
      LoggingFilter: letIn,
      RedactedFields: letIn,
      ResourceArn: letIn,
    }),
  ),
];
