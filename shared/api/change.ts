/** What calls that change a configuration have in common in their descriptions. */
import * as v from 'valibot';
import { longestMessage } from '../configuration/versions.ts';
import { count, type Parameter, word } from './operation.ts';

/** Of violations and warnings alike. */
export const finding = v.strictObject({
  pointer: v.string(),
  value: v.exactOptional(v.nullable(v.union([v.string(), v.number(), v.boolean()]))),
  rule: v.string(),
  message: v.string(),
  mend: v.string(),
});

/** What a commit check found. */
export const checked = v.strictObject({
  valid: v.boolean(),
  violations: v.array(finding),
  violationsLeftOut: count,
  warnings: v.array(finding),
  warningsLeftOut: count,
  impact: v.nullable(v.strictObject({ entries: count })),
  read: v.strictObject({ entries: count, complete: v.boolean() }),
});

export const checkOnly: Parameter = {
  says: 'The commit check: nothing is stored.',
  schema: v.optional(word(['only'])),
  example: 'only',
};

export const message: Parameter = {
  says: 'Why it is changed, on one line; kept with the version.',
  schema: v.optional(v.pipe(v.string(), v.maxLength(longestMessage))),
};
