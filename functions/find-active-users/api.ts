import * as v from 'valibot';
import { type Api, count } from '../../shared/api/operation.ts';

const record = v.strictObject({
  'active-user-name': v.pipe(v.string(), v.description('The MAC, where nobody logged in.')),
  'agent-type': v.string(),
  'authentication-realm': v.string(),
  'endpoint-security-status': v.picklist(['Not Applicable', 'Quarantined', 'Blocked']),
  events: count,
  'login-node': v.pipe(v.string(), v.description('The address of the switch.')),
  'mac-address': v.string(),
  'network-connect-ip': v.nullable(v.string()),
  'network-connect-ipv6': v.nullable(v.string()),
  'session-id': v.string(),
  'user-roles': v.pipe(v.string(), v.description('What counts now: the quarantine role, where it is in one.')),
  'user-sign-in-time': v.pipe(v.string(), v.description('`2026/03/01 12:00:00`, in UTC.')),
});

export const api: Api<'find-active-users'> = {
  'GET /api/v1/system/active-users': {
    summary: 'Who is logged in on which endpoint, as a Pulse Policy Secure tells it',
    query: {
      name: { says: 'Only sessions of this user, in any letters.', schema: v.string(), example: 'alice' },
      number: { says: 'How many at most, from 1 to 1,000; 200 unless told.', schema: count, example: '200' },
      start: { says: 'How many are passed over.', schema: count, example: '0' },
    },
    answers: {
      200: {
        says: 'The open sessions, in the order of their MACs.',
        schema: v.strictObject({
          'active-users': v.strictObject({
            'active-user-records': v.strictObject({ 'active-user-record': v.array(record) }),
            'total-matched-record-number': count,
            'total-returned-record-number': count,
            'user-login-permission': v.boolean(),
          }),
        }),
      },
    },
    errors: ['rest-access-off'],
  },
};
