/** Silences as our API tells them. */
import * as v from 'valibot';
import { silenceActions, silenceSources } from '../configuration/configuration.ts';
import { instant, word } from './operation.ts';

export const silence = v.strictObject({
  source: word(silenceSources),
  since: v.pipe(instant, v.description('From when on it counts as silent.')),
  until: v.pipe(v.nullable(instant), v.description('When it was heard again; null while it is silent.')),
  action: word(silenceActions),
});
