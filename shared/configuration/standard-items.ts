/** What the items of lists hold where they say nothing, so that what is left out of one differs from what is wrong in it. */
import { isObject } from './readable.ts';
import { leftOut } from './server-settings.ts';

/** For the lists of this document, as many as there are items. */
export function standardItems(document: unknown) {
  const given = isObject(document) && isObject(document.threatResponse) ? document.threatResponse : {};
  const each = <Standard>(list: unknown, standard: (item: Record<string, unknown>) => Standard) =>
    Array.isArray(list) ? list.map((item: unknown) => standard(isObject(item) ? item : {})) : [];
  return {
    authenticationServers: each(given.authenticationServers, ({ type, users }) =>
      type === 'delegated' ? {} : { users: each(users, () => ({ password: leftOut, groups: [] })) },
    ),
    realms: each(given.realms, ({ roleMapping }) => ({
      locationGroups: [],
      domain: 'GLOBAL',
      roleMapping: each(roleMapping, () => ({ attribute: null, roles: [], stop: false })),
    })),
    roles: each(given.roles, () => ({ description: '', quarantine: false })),
    templates: each(given.templates, ({ events }) => ({
      severities: [],
      events: each(events, () => ({ aliases: [] })),
      samples: [],
    })),
    clients: each(given.clients, () => ({ description: '', relays: [] })),
    admissionPolicies: each(given.admissionPolicies, () => ({
      severity: 'any',
      role: null,
      assignment: 'permanent',
      releaseAfterMinutes: null,
      scope: { roles: 'all', names: [] },
      logOnly: false,
    })),
    radiusClients: each(given.radiusClients, () => ({ make: 'generic', secret: leftOut, changePort: 3799 })),
    returnAttributes: each(given.returnAttributes, () => ({ locationGroups: [] })),
    connectors: each(given.connectors, () => ({
      description: '',
      port: 443,
      connectMethod: 'https',
      caCertificate: null,
      username: '',
      password: leftOut,
      subnets: [],
      settings: {},
    })),
  };
}
