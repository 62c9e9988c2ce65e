import * as v from 'valibot';
import { entryWith, filterParameters } from '../../shared/api/entries.ts';
import { type Api, count, ip, listOf, pageParameters, type Parameter, word } from '../../shared/api/operation.ts';
import { silence } from '../../shared/api/silence.ts';
import { views } from '../../shared/identity/entry-view.ts';

const entry = entryWith({});
const silences = v.pipe(v.array(silence), v.description('The silences that change what is read now.'));
const counters = { valid: count, pending: count, invalid: count, init: count };

const view: Parameter = {
  says: '`authentication` shows everything; `forwarding` what an enforcement point needs: who, and the groups that some policy names.',
  schema: v.optional(word(views), 'authentication'),
};

export const api: Api<'find-entries'> = {
  'GET /v1/entries': {
    summary: 'Who is where, ordered by address as text',
    description: 'Every condition that is given must hold. A search that takes long answers what it has, and `next`.',
    query: { ...filterParameters, view, ...pageParameters },
    answers: {
      200: {
        says: 'A page of live entries, and the silences that change what is read.',
        schema: v.strictObject({ ...listOf(entry).entries, silences }),
      },
    },
    errors: ['address-invalid'],
  },
  'GET /v1/entries/{ip}': {
    summary: 'Who is at this address',
    path: { ip },
    query: { view },
    answers: {
      200: {
        says: 'The entry that a look-up goes by, null where priorities leave all out; and all that are live at the address.',
        schema: v.strictObject({
          entry: v.nullable(entry),
          slots: v.array(entryWith({ slot: v.string() })),
          silence: v.pipe(v.nullable(silence), v.description('The silence that changed what is found.')),
        }),
      },
    },
    errors: ['address-invalid', 'entry-absent'],
  },
  'GET /v1/entries/counters': {
    summary: 'How many entries each domain has, by state',
    query: {},
    answers: {
      200: {
        says: 'What a query is about belongs to no domain yet: its domain is null.',
        schema: v.strictObject({
          total: v.strictObject(counters),
          domains: v.array(v.strictObject({ domain: v.nullable(v.string()), ...counters })),
          silences,
        }),
      },
    },
    errors: [],
  },
};
