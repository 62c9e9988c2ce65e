/** Secrets Manager: secrets that the template has made, other ones at every start, and where it refers to them. */
import { createHmac, randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { account, immaterial, region, resourceType } from './template.ts';

export const secretsManagerTypes = [
  resourceType(
    'AWS::SecretsManager::Secret',
    v.strictObject({
      Description: immaterial('it is for people'),
      GenerateSecretString: v.strictObject({ ExcludePunctuation: v.literal(true), PasswordLength: v.literal(64) }),
    }),
    { id: ({ stack, logicalId }) => `arn:aws:secretsmanager:${region}:${account}:secret:${stack}-${logicalId}` },
  ),
];

/** Puts secrets where a text refers to them, the same one for the same reference. */
export function secretsResolver(): (text: string) => string {
  const material = randomBytes(32);
  return (text) =>
    text.replaceAll(/\{\{resolve:secretsmanager:(arn:[^}]+):SecretString:::\}\}/g, (_, arn: string) =>
      createHmac('sha256', material).update(arn).digest('hex'),
    );
}
