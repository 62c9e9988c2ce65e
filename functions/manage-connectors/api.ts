import * as v from 'valibot';
import { finding } from '../../shared/api/change.ts';
import { type Api, count, ifMatch, instant, word } from '../../shared/api/operation.ts';
import { itemsOf, reading, replacing } from '../../shared/api/set-up-list.ts';
import { draftSteps } from '../../shared/configuration/connector-draft.ts';
import { setUpLists } from '../../shared/configuration/threat-response-schema.ts';
import { connectorTypes, connectMethods } from '../../shared/configuration/threat-response.ts';
import { connectorStates } from '../../shared/connectors/connector-state.ts';
import { newInstance } from '../../shared/connectors/vendor-instances.ts';
import { testRequest } from './test-connector.ts';

const example = {
  name: 'campus',
  type: 'pulse-policy-secure',
  address: 'pps.example.net',
  username: 'enforcer',
  password: 'written, never read back',
  subnets: ['10.1.0.0/16', '2001:db8:1::/48'],
};

const state = word(connectorStates);
const listed = v.strictObject({
  items: v.array(
    v.strictObject({
      name: v.string(),
      description: v.string(),
      type: word(connectorTypes),
      address: v.string(),
      port: count,
      connectMethod: word(connectMethods),
      caCertificate: v.nullable(v.string()),
      username: v.string(),
      subnets: v.array(v.string()),
      settings: v.record(v.string(), v.string()),
      passwordSet: v.boolean(),
      status: v.strictObject({
        state: v.pipe(state, v.description('`unknown`: it was not checked yet.')),
        since: v.nullable(instant),
        checkedAt: v.nullable(instant),
        error: v.nullable(v.string()),
      }),
    }),
  ),
});

const list = {
  ...reading('Connectors', listed),
  description:
    'Systems that keep infected hosts out, each for the hosts in its subnets. Of the password only whether there is one. `status` is what the last check found, and comes back without harm.',
};
const experimental = 'Experimental: of the vendor\u2019s Connector API little more than the paths is public, so the form may change.'; // prettier-ignore

const instance = v.strictObject({
  id: v.pipe(v.string(), v.description('Its name.')),
  name: v.string(),
  description: v.string(),
  type: v.string(),
  ipAddress: v.string(),
  port: count,
  userName: v.string(),
  subnets: v.array(v.string()),
  additionalSettings: v.array(v.strictObject({ name: v.string(), value: v.string() })),
  status: state,
});
const messages = v.array(v.strictObject({ message: v.string() }));
const anInstance = {
  id: 'campus',
  name: 'campus',
  description: '',
  type: 'Pulse Policy Secure',
  ipAddress: 'pps.example.net',
  port: 443,
  userName: 'enforcer',
  subnets: ['10.1.0.0/16'],
  additionalSettings: [],
  status: 'active',
};

export const api: Api<'manage-connectors'> = {
  'GET /v1/connectors': list,
  'PUT /v1/connectors': replacing('Connectors', itemsOf(setUpLists.connectors), example, listed),
  'POST /v1/connectors/test': {
    summary: 'Try a connector before it is stored, or one that is',
    description:
      'What is wrong is told by the steps in which people fill it in. Where nothing is, a worker connects to the system and asks whether it lets us in, which changes nothing there. The draft is kept encrypted for the worker, ten minutes at most, and then swept.',
    query: {},
    body: {
      says: 'Either `connector`, a draft, or the `name` of one that is stored. A draft without a password is tried with the one that is stored for its name, at the same host only.',
      schema: testRequest,
      needed: 'required',
      example: { connector: example },
    },
    answers: {
      200: {
        says: 'What is wrong, and whether it connects.',
        schema: v.strictObject({
          steps: v.strictObject({
            general: v.array(finding),
            networkDetails: v.array(finding),
            configuration: v.array(finding),
          } satisfies Record<(typeof draftSteps)[number], unknown>),
          connection: v.strictObject({
            outcome: v.pipe(
              word(['acknowledged', 'refused', 'failed', 'not-tried']),
              v.description('`refused`: it does not let us in. `failed`: it cannot be reached, or says nothing. `not-tried`: something is wrong with the draft.'), // prettier-ignore
            ),
            detail: v.string(),
            roundTripMs: v.nullable(count),
          }),
        }),
        example: {
          steps: { general: [], networkDetails: [], configuration: [] },
          connection: { outcome: 'acknowledged', detail: '200', roundTripMs: 81 },
        },
      },
    },
    errors: ['body-invalid', 'connector-absent'],
  },
  'GET /api/v2/connector': {
    summary: 'What the type Pulse Policy Secure asks for, and what it can do (experimental)',
    description: experimental,
    query: {},
    answers: {
      200: {
        says: 'The type, as the vendor describes it.',
        schema: v.strictObject({
          type: v.string(),
          controllerContexts: v.boolean(),
          additionalSettings: v.array(
            v.strictObject({ description: v.string(), name: v.string(), required: v.boolean(), type: v.string() }),
          ),
          capabilities: v.array(v.strictObject({ name: v.string() })),
        }),
      },
    },
    errors: [],
  },
  'PUT /api/v2/connector/env': {
    summary: 'Take the environment of a connector (experimental)',
    description: `${experimental} Nothing of it is kept: what surrounds a connector is the configuration. The first ten members that it has are named in warnings.`,
    query: {},
    body: { says: 'Any JSON document.', needed: 'required', example: {} },
    answers: {
      200: {
        says: 'That it was read, and what nothing is done with.',
        schema: v.strictObject({ result: v.strictObject({ info: messages, warnings: v.exactOptional(messages) }) }),
      },
    },
    errors: ['json-invalid'],
  },
  'GET /api/v2/connector/instances': {
    summary: 'Connectors in the vendor\u2019s words (experimental)',
    description: experimental,
    query: {},
    answers: {
      200: {
        says: 'All of them.',
        schema: v.strictObject({ instances: v.array(instance) }),
        example: { instances: [anInstance] },
      },
    },
    errors: [],
  },
  'POST /api/v2/connector/instances': {
    summary: 'Add a connector in the vendor\u2019s words (experimental)',
    description: `${experimental} It is held to the same check as the whole configuration.`,
    query: {},
    headers: { 'If-Match': ifMatch },
    body: {
      says: 'The connector.',
      schema: newInstance,
      needed: 'required',
      example: {
        name: 'campus',
        type: 'Pulse Policy Secure',
        ipAddress: 'pps.example.net',
        userName: 'enforcer',
        password: 'written, never read back',
        subnets: ['10.1.0.0/16'],
      },
    },
    answers: {
      201: { says: 'As it is stored.', schema: instance, headers: ['Location'], example: anInstance },
    },
    errors: ['configuration-invalid'],
  },
  'GET /api/v2/connector/instances/{id}': {
    summary: 'One connector in the vendor\u2019s words (experimental)',
    description: experimental,
    path: { id: { says: 'Its name.', schema: v.string(), example: 'campus' } },
    query: {},
    answers: { 200: { says: 'The connector.', schema: instance, example: anInstance } },
    errors: ['connector-absent'],
  },
};
