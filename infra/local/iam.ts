/** IAM: roles and policies are read and not enforced. The tests of the template hold them to a table. */
import * as v from 'valibot';
import { account, immaterial, resourceType } from './template.ts';

const notEnforced = immaterial('grants are not enforced here; the tests of the template hold them');

export const iamTypes = [
  resourceType(
    'AWS::IAM::Role',
    v.strictObject({
      AssumeRolePolicyDocument: notEnforced,
      ManagedPolicyArns: notEnforced,
      Policies: notEnforced,
    }),
    { attributes: { Arn: (id) => `arn:aws:iam::${account}:role/${id}` } },
  ),
];
