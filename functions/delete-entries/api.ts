import * as v from 'valibot';
import { filterParameters } from '../../shared/api/entries.ts';
import { type Api, count, ip } from '../../shared/api/operation.ts';

const deleted = v.strictObject({ deleted: count, complete: v.boolean() });

export const api: Api<'delete-entries'> = {
  'DELETE /v1/entries': {
    summary: 'End the entries that are meant',
    description:
      'Say which: a delete of everything, or of a user or a group in every domain, is refused. `complete` is false where the time was over first: the same call again goes on.',
    query: filterParameters,
    answers: { 200: { says: 'How many were ended.', schema: deleted, example: { deleted: 12, complete: true } } },
    errors: ['address-invalid', 'filter-missing', 'filter-too-wide'],
  },
  'DELETE /v1/entries/{ip}': {
    summary: 'End whoever is known at this address',
    path: { ip },
    query: {},
    answers: { 200: { says: 'How many were ended.', schema: deleted, example: { deleted: 1, complete: true } } },
    errors: ['address-invalid', 'entry-absent'],
  },
};
