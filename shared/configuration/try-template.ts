/** What messages say as a template reads them. Nothing is stored, and nothing is done. */
import * as v from 'valibot';
import { mostTried } from '../admission/line-pattern.ts';
import { templateNamed } from '../admission/shipped-templates.ts';
import { fieldsOf, readMessage } from '../admission/template.ts';
import { closed, list, readDocument, say, violation } from '../json-schema.ts';
import { wrongAt } from './naming.ts';
import { wrongBeforeSamples } from './template-contradictions.ts';
import { message, template } from './threat-response-schema.ts';
import { called } from './threat-response-words.ts';
import type { Template } from './threat-response.ts';

export const trial = v.pipe(
  closed({
    template: v.exactOptional(template),
    templateName: v.exactOptional(called),
    messages: v.pipe(
      list(message, { least: 1, most: 100 }),
      v.check(
        (messages) => messages.reduce((sum, { length }) => sum + length, 0) <= mostTried,
        say('length', `Give messages of at most ${mostTried} characters together, and the others in another request.`),
      ),
      v.metadata({ description: `Of at most ${mostTried} characters together` }),
    ),
  }),
  v.check(
    ({ template: given, templateName: name }) => (given === undefined) !== (name === undefined),
    say('required', 'Give either a template or the name of one, as "templateName".'),
  ),
);

export interface Tried {
  readonly template: string;
  readonly results: readonly {
    /** What the message tells; null where the template does not take it. */
    readonly fields: ReturnType<typeof fieldsOf> | null;
    readonly problem: { readonly code: string; readonly message: string } | null;
  }[];
}

/** Throws `body-invalid`, with all that is wrong in the template but its own samples. */
export function tryTemplate(body: unknown, own: readonly Template[]): Tried {
  const { messages, templateName = '', template: given } = readDocument(trial, body, 'body-invalid');
  const wrong = given ? wrongBeforeSamples(given, ['template']) : [];
  const tried = given ?? templateNamed(own, templateName);
  if (tried === undefined) {
    const place = { keys: ['templateName'], value: templateName };
    throw violation('body-invalid', [wrongAt(place, 'known', 'There is no template of this name.', 'GET /v1/templates lists those that there are.')]); // prettier-ignore
  }
  if (wrong.length > 0) throw violation('body-invalid', wrong);
  const results = messages.map((text) => {
    const { message: read, fault } = readMessage(tried, text);
    return fault
      ? { fields: null, problem: { code: fault.code, message: fault.message } }
      : { fields: fieldsOf(read), problem: null };
  });
  return { template: tried.name, results };
}
