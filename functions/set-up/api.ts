import * as v from 'valibot';
import type { Api } from '../../shared/api/operation.ts';
import { itemsOf, reading, replacing } from '../../shared/api/set-up-list.ts';
import { setUpLists, templateEntries } from '../../shared/configuration/threat-response-schema.ts';
import { messageFields } from '../../shared/configuration/threat-response.ts';
import { trial } from '../../shared/configuration/try-template.ts';
import { closed, flag, list } from '../../shared/json-schema.ts';

const lists = {
  servers: itemsOf(setUpLists.authenticationServers),
  realms: itemsOf(setUpLists.realms),
  roles: itemsOf(setUpLists.roles),
  // What is told of a template beside what it holds comes back with it.
  templates: itemsOf(
    list(closed({ ...templateEntries, shipped: v.optional(flag(), false), aliases: v.exactOptional(v.array(v.string())) })), // prettier-ignore
  ),
  clients: itemsOf(setUpLists.clients),
  policies: itemsOf(setUpLists.admissionPolicies),
  switches: itemsOf(setUpLists.radiusClients),
  attributes: itemsOf(setUpLists.returnAttributes),
};

const told = Object.fromEntries(messageFields.map((field) => [field, v.string()]));

const policyEnforcer = 'JuniperNetworks-Policy Enforcer-HTTP-JSON';
const aMessage = '{"event":"block-endpoint","endpointIp":"192.0.2.50"}';

export const api: Api<'set-up'> = {
  'GET /v1/authentication-servers': reading('Authentication servers', lists.servers),
  'PUT /v1/authentication-servers': replacing('Authentication servers', lists.servers, {
    name: 'site-radius',
    type: 'delegated',
  }),
  'GET /v1/realms': reading('Realms with their role mapping', lists.realms),
  'PUT /v1/realms': replacing('Realms with their role mapping', lists.realms, {
    name: 'wired',
    authenticationServer: 'site-radius',
    domain: 'acme',
    roleMapping: [{ name: 'staff', on: 'group', values: ['staff'], roles: ['employee'] }],
  }),
  'GET /v1/roles': reading('User roles', lists.roles),
  'PUT /v1/roles': replacing('User roles', lists.roles, { name: 'quarantine', quarantine: true }),
  'GET /v1/templates': {
    ...reading('Templates', lists.templates),
    description: 'The shipped ones stand behind the tenant\u2019s own, with `"shipped": true` and all their names.',
  },
  'PUT /v1/templates': replacing('Templates', lists.templates, {
    name: 'acme-ids',
    device: 'Acme IDS',
    protocol: 'syslog',
    severities: ['low', 'high'],
    events: [{ name: 'infected', actions: ['quarantine', 'block'] }],
    parse: { type: 'pattern', pattern: 'ids: (?P<event>\\w+) (?P<endpointIp>\\S+) (?P<severity>\\w+)' },
    samples: [{ message: 'ids: infected 192.0.2.50 high', expect: { event: 'infected', severity: 'high' } }],
  }),
  'POST /v1/templates/try': {
    summary: 'What messages say as a template reads them',
    description: 'The template is one of those listed, by its name, or one that is sent along. Nothing is stored.',
    query: {},
    body: {
      says: 'A template or the name of one, and up to 100 messages.',
      schema: trial,
      needed: 'required',
      example: { templateName: policyEnforcer, messages: [aMessage] },
    },
    answers: {
      200: {
        says: 'What each message gives, in the order asked.',
        schema: v.strictObject({
          template: v.string(),
          results: v.array(
            v.strictObject({
              fields: v.nullable(v.partial(v.strictObject(told))),
              problem: v.nullable(v.strictObject({ code: v.string(), message: v.string() })),
            }),
          ),
        }),
        example: {
          template: policyEnforcer,
          results: [{ fields: { event: 'block-endpoint', endpointIp: '192.0.2.50' }, problem: null }],
        },
      },
    },
    errors: ['body-invalid'],
  },
  'GET /v1/clients': reading('Clients that send threat actions', lists.clients),
  'PUT /v1/clients': replacing('Clients that send threat actions', lists.clients, {
    name: 'policy-enforcer',
    address: '198.51.100.7',
    template: policyEnforcer,
  }),
  'GET /v1/admission-policies': reading('Admission policies in their order', lists.policies),
  'PUT /v1/admission-policies': replacing('Admission policies in their order', lists.policies, {
    name: 'quarantine-infected',
    template: policyEnforcer,
    event: 'quarantine-endpoint',
    action: 'quarantine',
    role: 'quarantine',
  }),
  'GET /v1/radius-clients': reading('RADIUS clients', lists.switches),
  'PUT /v1/radius-clients': replacing('RADIUS clients', lists.switches, {
    name: 'core-1',
    address: '192.0.2.10',
    make: 'juniper-ex',
    secret: 'written, never read back',
    locationGroup: 'head-office',
  }),
  'GET /v1/return-attributes': reading('Return-attribute policies', lists.attributes),
  'PUT /v1/return-attributes': replacing('Return-attribute policies', lists.attributes, {
    name: 'quarantine-vlan',
    roles: ['quarantine'],
    return: { type: 'vlan', vlan: '666' },
  }),
};
