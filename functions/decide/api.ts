import * as v from 'valibot';
import { type Api, count, instant, word } from '../../shared/api/operation.ts';
import { silence } from '../../shared/api/silence.ts';
import { policyActions } from '../../shared/configuration/configuration.ts';
import { origins } from '../../shared/identity/observation.ts';
import { question } from '../../shared/decisions/flow.ts';

const text = v.nullable(v.string());

const step = v.strictObject({
  policy: v.string(),
  result: word(['matched', 'passed-over']),
  matches: v.strictObject({
    fromZone: text,
    toZone: text,
    source: text,
    destination: text,
    application: text,
    sourceIdentity: text,
    sourceEndUserProfile: text,
  }),
});

const addressHold = v.strictObject({
  hold: word(['blocked', 'quarantined']),
  role: v.pipe(text, v.description('The quarantine role: the only group of the user meanwhile.')),
  mac: v.string(),
  through: v.pipe(
    word(['has-the-address', 'held-through-the-address']),
    v.description('Whether the endpoint has the address, or was held through it and nobody has had it since.'),
  ),
  since: instant,
});

const decision = v.strictObject({
  action: word(policyActions),
  policy: v.pipe(
    v.string(),
    v.description(
      'The policy that decided; `default-policy` where none did, `endpoint-hold` where the endpoint is blocked.',
    ),
  ),
  state: word(['valid', 'invalid', 'pending', 'init', 'none']),
  user: text,
  domain: text,
  groups: v.pipe(v.array(v.string()), v.description("The user's groups that some policy names.")),
  source: v.pipe(v.nullable(word(origins)), v.description('Whose word the user is, as priorities name it.')),
  reason: word([
    'policy-matched',
    'identity-not-matched',
    'device-not-matched',
    'no-policy-matched',
    'too-many-queries',
    'endpoint-blocked',
    'holds-unreadable',
    'entries-unreadable',
  ]),
  session: v.exactOptional(
    v.pipe(
      v.strictObject({
        id: v.string(),
        managed: v.boolean(),
        reason: v.nullable(word(['too-many-sessions', 'flow-not-permitted', 'user-not-known', 'not-written'])),
      }),
      v.description('What became of the session that the flow names. One that is managed ends with its user.'),
    ),
  ),
  silence: v.pipe(v.nullable(silence), v.description('The silence of a source that changed who is found.')),
  explanation: v.exactOptional(
    v.strictObject({
      evaluatedAs: word(['authenticated-user', 'unauthenticated-user', 'unknown-user']),
      steps: v.array(step),
      leftOut: count,
      hold: v.pipe(v.nullable(addressHold), v.description('What holds the endpoint at the source.')),
    }),
  ),
});

export const api: Api<'decide'> = {
  'POST /v1/decisions': {
    summary: 'What to do with up to 100 flows',
    description:
      'Where nobody told who is at the source, ClearPass may be asked; the decision does not wait for it. Where the entries cannot be read the default policy decides, with `entries-unreadable`; without the configuration there is no default, and the answer is 503.',
    query: {},
    body: {
      says: 'The flows; with `explain` every step is told.',
      schema: question,
      needed: 'required',
      example: {
        flows: [
          {
            sourceIp: '192.0.2.20',
            destinationIp: '198.51.100.7',
            application: 'https',
            fromZone: 'trust',
            toZone: 'untrust',
          },
        ],
        explain: true,
      },
    },
    answers: {
      200: {
        says: 'A decision for each flow, in their order.',
        schema: v.strictObject({ decisions: v.array(decision) }),
      },
    },
    errors: ['body-invalid'],
  },
};
