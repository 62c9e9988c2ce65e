/** The form of the set-up of threat response as people send it. */
import * as v from 'valibot';
import { closed, flag, list, oneKindOf, oneOf, say, text, whole } from '../json-schema.ts';
import { addressOrPrefix, certificates, host, identity } from './configuration-words.ts';
import {
  admissionActions,
  assignments,
  changeWays,
  connectMethods,
  feedEvents,
  makes,
  mappingSubjects,
  type MessageField,
  messageFields,
  scopes,
  templateProtocols,
  type ThreatResponse,
  threatResponseDefaults as defaults,
} from './threat-response.ts';
import {
  address,
  called,
  connectorName,
  connectorType,
  filterName,
  jsonPointer,
  mac,
  password,
  vlan,
} from './threat-response-words.ts';

/** A secret or password as it is sent: a text to keep from now on, null or empty to remove it, nothing to leave it. */
type Posted = string | null | undefined;

const longestSample = 4_096;

const description = v.optional(text(0, 1_024), '');
const names = (most = 500) => v.optional(list(called, { most }), []);

const localUser = v.pipe(
  closed({ name: v.pipe(text(1, 253)), password: v.exactOptional(password), groups: names(100) }, ['passwordSet']),
  v.transform(({ password: given, ...user }) => ({ ...user, password: orNone(given) })),
);

const orNone = (given: Posted): Posted => (given === '' ? null : given);

export const authenticationServer = oneKindOf('type', {
  local: closed({ name: called, type: v.literal('local'), users: v.optional(list(localUser, { most: 500 }), []) }),
  delegated: closed({ name: called, type: v.literal('delegated') }),
});

const roleMappingRule = closed({
  name: called,
  on: oneOf(mappingSubjects),
  attribute: v.optional(v.nullable(text(1, 253)), null),
  values: list(text(1, 255), { least: 1, most: 200 }),
  roles: names(),
  stop: v.optional(flag(), false),
});

export const realm = closed({
  name: called,
  authenticationServer: called,
  locationGroups: names(),
  domain: v.optional(text(1, 253), 'GLOBAL'),
  roleMapping: v.optional(list(roleMappingRule, { most: 500 }), []),
});

export const userRole = closed({ name: called, description, quarantine: v.optional(flag(), false) });

/** As it would come, line ends included. */
export const message = v.pipe(
  v.string(say('type', 'Give a message as text, in quotes.')),
  v.check(
    ({ length }) => length > 0 && length <= longestSample,
    say('length', `Give 1 to ${longestSample} characters.`),
  ),
  v.metadata({ minLength: 1, maxLength: longestSample }),
);
/** What a message tells, as far as it does. */
const fieldsOf = <Value extends v.GenericSchema<string>>(value: Value) => {
  const optional = v.exactOptional(value);
  const entries = Object.fromEntries(messageFields.map((field) => [field, optional]));
  return closed(entries as Record<MessageField, typeof optional>);
};

/** The members of a template. */
export const templateEntries = {
  name: called,
  device: called,
  protocol: oneOf(templateProtocols),
  severities: v.optional(list(called, { most: 50 }), []),
  events: list(
    closed({ name: called, aliases: names(20), actions: list(oneOf(admissionActions), { least: 1 }) }),
    { least: 1, most: 100 }, // prettier-ignore
  ),
  parse: oneKindOf('type', {
    json: closed({ type: v.literal('json'), fields: fieldsOf(jsonPointer) }),
    pattern: closed({ type: v.literal('pattern'), pattern: text(1, 512) }),
  }),
  samples: v.optional(
    list(closed({ message, expect: v.nullable(fieldsOf(text(0, 1_024))) }), { most: 10 }),
    [], // prettier-ignore
  ),
};

export const template = closed(templateEntries);

export const admissionClient = closed({
  name: called,
  description,
  address,
  template: called,
  relays: names(20),
});

export const admissionPolicy = closed({
  name: called,
  template: called,
  event: called,
  severity: v.optional(called, 'any'),
  action: oneOf(admissionActions),
  role: v.optional(v.nullable(called), null),
  assignment: v.optional(oneOf(assignments), 'permanent'),
  releaseAfterMinutes: v.optional(v.nullable(whole(1, 525_600)), null),
  scope: v.optional(closed({ roles: oneOf(scopes), names: names() }), { roles: 'all', names: [] }),
  logOnly: v.optional(flag(), false),
});

export const radiusClient = v.pipe(
  closed(
    {
      name: called,
      address: addressOrPrefix,
      make: v.optional(oneOf(makes), 'generic'),
      secret: v.exactOptional(v.nullable(text(0, 128))),
      locationGroup: called,
      changePort: v.optional(whole(1, 65_535), 3799),
    },
    ['secretSet'],
  ),
  v.transform(({ secret, ...client }) => ({ ...client, secret: orNone(secret) })),
);

export const returnAttributePolicy = closed({
  name: called,
  locationGroups: names(),
  roles: list(called, { least: 1, most: 500 }),
  return: oneKindOf('type', {
    vlan: closed({ type: v.literal('vlan'), vlan }),
    filter: closed({ type: v.literal('filter'), filter: filterName }),
    'open-port': closed({ type: v.literal('open-port') }),
  }),
});

const port = v.optional(whole(1, 65_535), 443);
const connectMethod = v.optional(oneOf(connectMethods), 'https');
const caCertificate = v.optional(v.nullable(certificates), null);
const server = { address: host, port, connectMethod, caCertificate };

const settings = v.record(text(1, 63), text(0, 1_024), say('type', 'Give an object.'));

export const connector = v.pipe(
  closed(
    {
      name: connectorName,
      description,
      type: connectorType,
      ...server,
      username: v.optional(text(0, 64), ''),
      password: v.exactOptional(v.nullable(text(0, 128))),
      subnets: v.optional(list(addressOrPrefix, { most: 1_000 }), []),
      settings: v.optional(settings, {}),
    },
    ['passwordSet'],
    ['status'],
  ),
  v.transform(({ password: given, ...rest }) => ({ ...rest, password: orNone(given) })),
);

const { atpCloud: atpCloudDefaults } = defaults.feeds;
const atpCloud = v.pipe(
  closed(
    {
      enabled: v.optional(flag(), atpCloudDefaults.enabled),
      ...server,
      address: v.optional(host, ''),
      token: v.exactOptional(v.nullable(text(0, 4_096))),
      pollMinutes: v.optional(whole(1, 60), atpCloudDefaults.pollMinutes),
      rules: v.optional(list(closed({ minLevel: whole(1, 10), event: oneOf(feedEvents) }), { most: 10 }), () =>
        atpCloudDefaults.rules.map((rule) => ({ ...rule })),
      ),
    },
    ['tokenSet'],
  ),
  v.transform(({ token, ...rest }) => ({ ...rest, token: orNone(token) })),
);

const guards = closed({
  mostActions: v.optional(whole(0, 1_000), defaults.guards.mostActions),
  sharedAddresses: v.optional(list(addressOrPrefix, { most: 1_000 }), []),
});

const allowList = closed({
  addresses: v.optional(list(addressOrPrefix, { most: 1_000 }), []),
  macs: v.optional(list(mac, { most: 1_000 }), []),
  users: v.optional(list(identity, { most: 1_000 }), []),
  roles: names(),
});

/** Each list of the set-up, by its name. */
export const setUpLists = {
  authenticationServers: list(authenticationServer, { most: 20 }),
  realms: list(realm, { most: 100 }),
  roles: list(userRole, { most: 500 }),
  templates: list(template, { most: 50 }),
  clients: list(admissionClient, { most: 500 }),
  admissionPolicies: list(admissionPolicy, { most: 1_000 }),
  radiusClients: list(radiusClient, { most: 500 }),
  returnAttributes: list(returnAttributePolicy, { most: 500 }),
  connectors: list(connector, { most: 100 }),
};

export type SetUpList = keyof typeof setUpLists;

export const threatResponseSchema: v.GenericSchema<unknown, ThreatResponse<Posted, Posted>> = closed({
  applyHoldsToDecisions: v.optional(flag(), defaults.applyHoldsToDecisions),
  changeOfAuthorization: v.optional(oneOf(changeWays), defaults.changeOfAuthorization),
  pendingMinutes: v.optional(whole(1, 60), defaults.pendingMinutes),
  allowList: v.optional(allowList, {}),
  authenticationServers: v.optional(setUpLists.authenticationServers, []),
  realms: v.optional(setUpLists.realms, []),
  roles: v.optional(setUpLists.roles, []),
  templates: v.optional(setUpLists.templates, []),
  clients: v.optional(setUpLists.clients, []),
  admissionPolicies: v.optional(setUpLists.admissionPolicies, []),
  radiusClients: v.optional(setUpLists.radiusClients, []),
  returnAttributes: v.optional(setUpLists.returnAttributes, []),
  connectors: v.optional(setUpLists.connectors, []),
  feeds: v.optional(closed({ atpCloud: v.optional(atpCloud, {}) }), {}),
  guards: v.optional(guards, {}),
});
