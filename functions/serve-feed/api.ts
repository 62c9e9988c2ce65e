import * as v from 'valibot';
import type { Api } from '../../shared/api/operation.ts';

export const api: Api<'serve-feed'> = {
  'GET /v1/feeds/infected-hosts.txt': {
    summary: 'The addresses that firewalls are to keep out, one prefix a line',
    description:
      'All addresses that held endpoints have now, those through which they were held until somebody else has had them, and infected hosts of feeds that are to be quarantined or blocked. At most fifteen seconds old. Empty where nobody is to be kept out.',
    query: {},
    headers: {
      'If-None-Match': { says: 'The `ETag` of the feed that the caller has.', schema: v.string() },
    },
    answers: {
      200: {
        says: 'IPv4 before IPv6, each by number, every line ended by a line feed.',
        schema: v.string(),
        type: ['text/plain'],
        headers: ['ETag', 'Cache-Control'],
        example: '10.0.1.10/32\n2001:db8::1/128\n',
      },
      304: { says: 'The caller has it.', headers: ['ETag', 'Cache-Control'] },
    },
    errors: [],
  },
};
