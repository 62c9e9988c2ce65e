/** What an operator sends of endpoints. */
import * as v from 'valibot';
import { investigations } from '../../shared/endpoints/endpoint.ts';
import { closed, oneOf, readDocument, text, whole } from '../../shared/json-schema.ts';

const untold = <Schema extends v.GenericSchema>(schema: Schema) => v.optional(v.nullable(schema), null);

const note = untold(text(1, 1_024));
/** At most a year; what is to stand longer stands until it is cleared. */
const minutes = untold(whole(1, 525_600));
const held = { threatName: untold(text(1, 256)), note, minutes };

export const address = closed({ ip: text(1, 64) });
export const block = closed(held);
export const quarantine = closed({
  role: text(1, 128),
  ...held,
  session: v.optional(oneOf(['permanent', 'session']), 'permanent'),
});
export const clear = closed({ hold: oneOf(['blocked', 'quarantined', 'all']), note });
export const terminate = closed({ session: untold(text(1, 256)), note });
export const investigation = closed({ state: oneOf(investigations) });

export const approval = closed({ mac: untold(text(1, 64)) });
export const nothing = closed({});

/** A reader of one of these. Throws `body-invalid`. */
export const reading =
  <Output>(schema: v.GenericSchema<unknown, Output>) =>
  (document: unknown): Output =>
    readDocument(schema, document, 'body-invalid');
