/** The form of a configuration as people send it: what is left out takes its default, what is unknown is refused. */
import * as v from 'valibot';
import { closed, flag, list, oneOf, say, text, whole } from '../json-schema.ts';
import {
  addressOrPrefix,
  anyOrAddresses,
  certificates,
  host,
  identity,
  minutes,
  path,
  portOrRange,
} from './configuration-words.ts';
import {
  type ConfigurationWith,
  connectMethods,
  defaults,
  policyActions,
  prioritySources,
  protocols,
  silenceActions,
  type SilenceSource,
  transports,
} from './configuration.ts';
import { threatResponseSchema } from './threat-response-schema.ts';

/** A secret or password as it is sent: a text to keep from now on, null or empty to remove it, nothing to leave it as it is. */
export type PostedSecret = string | null | undefined;
export type PostedConfiguration = ConfigurationWith<PostedSecret, PostedSecret>;

const { clearpass, activeDirectory, identityManagement, priorities, threatLogs, receipts } = defaults;

const port = whole(1, 65_535);
const seconds = whole(0, 60);
const addresses = v.optional(list(addressOrPrefix), []);

/** Our answers tell it in the place of a secret, so it comes back with what was read and changed. */
const toldOnly = ['clientSecretSet'];
const secret = v.exactOptional(v.nullable(text(0, 128)));
const withSecret = <Server extends { readonly clientSecret?: string | null }>({ clientSecret, ...rest }: Server) => ({
  ...rest,
  clientSecret: clientSecret === '' ? null : clientSecret,
});

const { userQuery } = clearpass;
const userQuerySchema = v.pipe(
  closed(
    {
      enabled: v.optional(flag(), userQuery.enabled),
      server: v.optional(
        closed({
          name: v.optional(text(0, 64), ''),
          address: v.optional(host, ''),
          port: v.optional(port, userQuery.server.port),
          connectMethod: v.optional(oneOf(connectMethods), userQuery.server.connectMethod),
        }),
        {},
      ),
      caCertificate: v.optional(v.nullable(certificates), null),
      clientId: v.optional(text(0, 64), ''),
      clientSecret: secret,
      tokenApi: v.optional(path(1, 128), userQuery.tokenApi),
      queryApi: v.optional(
        v.pipe(
          path(4, 128),
          v.check((value) => value.includes('$IP$'), say('form', 'Put $IP$ where the address is to stand.')),
        ),
        userQuery.queryApi,
      ),
      delayQueryTime: v.optional(seconds, userQuery.delayQueryTime),
      includeAddresses: addresses,
      excludeAddresses: addresses,
    },
    toldOnly,
  ),
  v.transform(withSecret),
);

const identityServer = v.pipe(
  closed(
    {
      address: v.optional(host, ''),
      clientId: v.optional(text(0, 64), ''),
      clientSecret: secret,
      caCertificate: v.optional(v.nullable(certificates), null),
    },
    toldOnly,
  ),
  v.transform(withSecret),
);

const { batchQuery, ipQuery } = identityManagement;
const identityManagementSchema = closed({
  enabled: v.optional(flag(), identityManagement.enabled),
  entryTimeout: v.optional(minutes, identityManagement.entryTimeout),
  invalidEntryTimeout: v.optional(minutes, identityManagement.invalidEntryTimeout),
  primary: v.optional(identityServer, {}),
  secondary: v.optional(v.nullable(identityServer), null),
  port: v.optional(port, identityManagement.port),
  tokenApi: v.optional(path(1, 128), identityManagement.tokenApi),
  queryApi: v.optional(path(4, 128), identityManagement.queryApi),
  batchQuery: v.optional(
    closed({
      itemsPerBatch: v.optional(whole(100, 1_000), batchQuery.itemsPerBatch),
      queryInterval: v.optional(whole(1, 60), batchQuery.queryInterval),
    }),
    {},
  ),
  ipQuery: v.optional(
    closed({
      enabled: v.optional(flag(), ipQuery.enabled),
      queryDelayTime: v.optional(seconds, ipQuery.queryDelayTime),
      // The bound belongs to the server and not to a tenant, so a tenant's own number could not be kept.
      maxConnections: v.optional(
        v.literal(
          ipQuery.maxConnections,
          say('range', `It is always ${ipQuery.maxConnections}. Give that, or leave it out.`),
        ),
        ipQuery.maxConnections,
      ),
    }),
    {},
  ),
  filters: v.optional(
    closed({
      domains: v.optional(list(text(1, 253), { most: 20 }), []),
      includeIp: addresses,
      excludeIp: addresses,
    }),
    {},
  ),
  preserveValidUser: v.optional(flag(), identityManagement.preserveValidUser),
});

const priority = whole(0, 65_535);
const prioritiesSchema = closed({
  local: v.optional(priority, priorities.local),
  'aruba-clearpass': v.optional(priority, priorities['aruba-clearpass']),
  'secure-web-gateway': v.optional(priority, priorities['secure-web-gateway']),
  'active-directory': v.optional(priority, priorities['active-directory']),
  'firewall-authentication': v.optional(priority, priorities['firewall-authentication']),
  'unified-access-control': v.optional(priority, priorities['unified-access-control']),
} satisfies Record<(typeof prioritySources)[number], unknown>);

const name = text(1, 63);
const places = list(anyOrAddresses, { least: 1 });

/** Whom a policy lets through is never left to a default: but for `log`, all of it is said. */
const policy = closed({
  name,
  fromZone: name,
  toZone: name,
  source: places,
  destination: places,
  applications: list(name, { least: 1 }),
  sourceIdentity: list(identity, { least: 1 }),
  sourceEndUserProfile: v.exactOptional(list(name)),
  action: oneOf(policyActions),
  log: v.optional(flag(), false),
});

const endUserProfile = closed({
  name,
  domain: v.optional(v.nullable(text(1, 253)), null),
  attributes: list(closed({ name: text(1, 64), values: list(text(1, 255), { least: 1, most: 200 }) }), {
    least: 1,
    most: 40,
  }),
});

const application = closed({
  name,
  protocol: v.union(
    [v.picklist(protocols), whole(0, 255)],
    say('one-of', `Give one of: ${protocols.join(', ')}; or the number of an IP protocol, 0 to 255.`),
  ),
  ports: v.optional(list(portOrRange), []),
});

const { destination } = threatLogs;

const silence = v.optional(
  closed({
    afterMinutes: v.optional(v.nullable(whole(1, 1_440)), null),
    action: v.optional(oneOf(silenceActions), 'expire'),
  }),
  {},
);
const whenSilentSchema = closed({
  'aruba-clearpass': silence,
  'identity-management': silence,
  'active-directory': silence,
} satisfies Record<SilenceSource, unknown>);

export const configurationSchema: v.GenericSchema<unknown, PostedConfiguration> = closed({
  clearpass: v.optional(
    closed({
      entryTimeout: v.optional(minutes, clearpass.entryTimeout),
      invalidEntryTimeout: v.optional(minutes, clearpass.invalidEntryTimeout),
      userQuery: v.optional(userQuerySchema, {}),
    }),
    {},
  ),
  activeDirectory: v.optional(closed({ enabled: v.optional(flag(), activeDirectory.enabled) }), {}),
  identityManagement: v.optional(identityManagementSchema, {}),
  priorities: v.optional(prioritiesSchema, {}),
  policies: v.optional(list(policy), []),
  applications: v.optional(list(application), []),
  defaultPolicy: v.optional(oneOf(policyActions), defaults.defaultPolicy),
  networks: addresses,
  webApi: v.optional(
    closed({
      allowedClients: v.optional(list(addressOrPrefix, { most: 20 }), []),
      excludeAddresses: addresses,
    }),
    {},
  ),
  threatLogs: v.optional(
    closed({
      enabled: v.optional(flag(), threatLogs.enabled),
      filter: v.optional(oneOf(['threat-attack']), threatLogs.filter),
      rateLimit: v.optional(whole(1, 65_535), threatLogs.rateLimit),
      threatActions: v.optional(flag(), threatLogs.threatActions),
      destination: v.optional(
        closed({
          address: v.optional(host, ''),
          port: v.optional(port, destination.port),
          transport: v.optional(oneOf(transports), destination.transport),
          caCertificate: v.optional(v.nullable(certificates), null),
        }),
        {},
      ),
    }),
    {},
  ),
  receipts: v.optional(closed({ days: v.optional(whole(1, 90), receipts.days) }), {}),
  endUserProfiles: v.optional(list(endUserProfile, { most: 1_000 }), []),
  whenSilent: v.optional(whenSilentSchema, {}),
  threatResponse: v.optional(threatResponseSchema, {}),
});
