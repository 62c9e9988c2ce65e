import * as v from 'valibot';
import type { Api } from '../../shared/api/operation.ts';
import { packet } from './body.ts';

const attribute = v.strictObject({
  op: v.picklist([':=', '+=']),
  do_xlat: v.literal(false),
  value: v.array(v.string()),
});
const attributes = v.record(v.string(), attribute);

const asRlmRest =
  'In the JSON of rlm_rest (FreeRADIUS 3), both ways: `docs/freeradius` has the configuration of a site. Whatever is neither 200, 204 nor a 401 with `control:Auth-Type` in it is no decision: the site stays silent then.';

const body = (says: string, example: unknown) => ({ says, schema: packet, needed: 'required', example }) as const;

const login = {
  'User-Name': { type: 'string', value: ['alice'] },
  'User-Password': { type: 'string', value: ['correct horse'] },
  'NAS-IP-Address': { type: 'ipaddr', value: ['198.51.100.2'] },
  'NAS-Port-Id': { type: 'string', value: ['ge-0/0/7'] },
  'Calling-Station-Id': { type: 'string', value: ['00-11-22-33-CA-FE'] },
};

const rejection = {
  says: 'Not let in: `control:Tmp-String-0` is the code, `reply:Reply-Message` says why.',
  schema: attributes,
};

export const api: Api<'serve-radius'> = {
  'POST /v1/radius/authorize': {
    summary: 'Whether a device may go on to be authenticated; of a local user, whether the password is right',
    description: asRlmRest,
    query: {},
    body: body('The attributes of the Access-Request.', login),
    answers: {
      200: { says: 'The password is right: `control:Auth-Type` is `Accept`.', schema: attributes },
      204: { says: 'Nothing against it: the site authenticates the user.' },
      401: rejection,
    },
    errors: ['json-invalid', 'body-invalid', 'body-too-large', 'busy'],
  },
  'POST /v1/radius/post-auth': {
    summary: 'What an authenticated login is granted; opens its session',
    description: asRlmRest,
    query: {},
    body: body('The attributes of the Access-Request, `User-Name` as it was authenticated inside a tunnel.', login),
    answers: {
      200: {
        says: 'Let in, with these attributes: VLAN or filter, the user name, and a Class that accounting brings back.',
        schema: attributes,
        example: { 'reply:Filter-Id': { op: ':=', do_xlat: false, value: ['PERMIT-PULSE-ONLY'] } },
      },
      401: rejection,
    },
    errors: ['json-invalid', 'body-invalid', 'body-too-large', 'busy'],
  },
  'POST /v1/radius/accounting': {
    summary: 'Sessions begin, go on and end, and have addresses',
    description: asRlmRest,
    query: {},
    body: body('The attributes of the Accounting-Request.', {
      'Acct-Status-Type': { type: 'integer', value: ['Start'] },
      'Acct-Session-Id': { type: 'string', value: ['8O2.1x81bb0a3c'] },
      'User-Name': { type: 'string', value: ['alice'] },
      'NAS-IP-Address': { type: 'ipaddr', value: ['198.51.100.2'] },
      'Calling-Station-Id': { type: 'string', value: ['00-11-22-33-CA-FE'] },
      'Framed-IP-Address': { type: 'ipaddr', value: ['192.0.2.50'] },
    }),
    answers: {
      200: { says: 'Of no use, and not to be repeated: `control:Tmp-String-0` says why.', schema: attributes },
      204: { says: 'Taken.' },
    },
    errors: ['json-invalid', 'body-invalid', 'body-too-large', 'busy'],
  },
};
