/** How the lists of the set-up are described, which are read and replaced whole. */
import * as v from 'valibot';
import { closed } from '../json-schema.ts';
import { checked, checkOnly, message } from './change.ts';
import { type Answered, ifMatch, type Operation } from './operation.ts';

export const itemsOf = <Items extends v.GenericSchema>(items: Items) => closed({ items });

const answered = (schema: v.GenericSchema): Answered => ({
  says: 'The whole list; `ETag` is the version of the whole configuration, of which it is a part.',
  schema,
  headers: ['ETag'],
});

export const reading = (what: string, schema: v.GenericSchema): Operation => ({
  summary: `${what}, as they are set`,
  query: {},
  answers: { 200: answered(schema) },
  errors: [],
});

/** `shown` is the list as it is answered, where that is more than what is sent. */
export const replacing = (what: string, schema: v.GenericSchema, item: unknown, shown = schema): Operation => ({
  summary: `Replace ${what.charAt(0).toLowerCase()}${what.slice(1)}, or ask what that would do`,
  description:
    'The list is replaced whole, and with it the configuration: a new version, held to the same check. Pointers of violations that begin with `/items` lead into what was sent, the others into the configuration.',
  query: { check: checkOnly, message },
  headers: { 'If-Match': ifMatch },
  body: { says: 'The whole list.', schema, needed: 'required', example: { items: [item] } },
  answers: {
    200: {
      says: 'The whole list; with `check=only` what the check found, and no ETag.',
      schema: v.union([shown, checked]),
      headers: ['ETag'],
    },
  },
  errors: ['configuration-invalid'],
});
