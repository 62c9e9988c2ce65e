/** What a tenant has configured: the same in every tenant, but for a mark on each thing. */
import { aCertificate } from '../../support/configurations.ts';
import { sensorTemplate } from '../../support/admission.ts';
import { theSetUp } from '../site.ts';
import type { Marks } from './marks.ts';

export interface Surroundings {
  readonly clearPass: { readonly address: string; readonly port: number };
  /** Of ClearPass too: where threat logs go. */
  readonly logReceiver: { readonly address: string; readonly port: number };
  /** Where threat actions come from. */
  readonly callerAddress: string;
}

/** The switch of a tenant alone; the others are everybody's. */
export const ownSwitch = (number: number) => `203.0.113.${number}`;

export const configurationOf = (
  marks: Marks,
  { clearPass, logReceiver, callerAddress }: Surroundings,
  number: number,
) => ({
  clearpass: {
    userQuery: {
      enabled: true,
      server: { name: marks.of('the name of the server'), ...clearPass, connectMethod: 'http' },
      clientId: marks.of('the client id at the server'),
      clientSecret: marks.of('the client secret at the server', 'secret'),
      delayQueryTime: 0,
    },
  },
  identityManagement: {
    enabled: false,
    primary: {
      address: 'jims.example.net',
      clientId: marks.of('the client id at JIMS'),
      clientSecret: marks.of('the client secret at JIMS', 'secret'),
      caCertificate: aCertificate,
    },
  },
  policies: [
    {
      name: marks.of('the name of a policy'),
      fromZone: 'trust',
      toZone: 'untrust',
      source: ['any'],
      destination: ['198.51.100.0/24'],
      applications: ['any'],
      sourceIdentity: ['authenticated-user', 'unauthenticated-user', 'unknown-user', `corp\\${marks.of('a group')}`],
      action: 'permit',
      log: true,
    },
  ],
  applications: [{ name: marks.of('an application'), protocol: 'tcp', ports: ['8443-8444'] }],
  endUserProfiles: [
    {
      name: marks.of('a device profile'),
      attributes: [{ name: 'device-category', values: [marks.of('a value of a device profile')] }],
    },
  ],
  defaultPolicy: 'deny',
  threatLogs: { destination: { ...logReceiver, transport: 'udp' } },
  threatResponse: threatResponseOf(marks, theSetUp(callerAddress), number),
});

const threatResponseOf = (marks: Marks, shared: ReturnType<typeof theSetUp>, number: number) => ({
  ...shared,
  pendingMinutes: 60, // what waits is not to end while we look
  authenticationServers: [
    ...shared.authenticationServers,
    {
      name: marks.of('an authentication server'),
      type: 'local',
      users: [
        {
          name: marks.of('a local user'),
          password: marks.of('the password of a local user', 'secret'),
          groups: [marks.of('a group of a local user')],
        },
      ],
    },
  ],
  realms: [
    ...shared.realms,
    {
      name: marks.of('a realm'),
      authenticationServer: marks.of('an authentication server'),
      locationGroups: [marks.of('a location group')],
      domain: marks.of('the domain of a realm'),
      roleMapping: [
        {
          name: marks.of('a rule of a realm'),
          on: 'user',
          attribute: null,
          values: ['*'],
          roles: [marks.of('a role')],
        },
      ],
    },
  ],
  roles: [
    ...shared.roles,
    { name: marks.of('a role'), description: marks.of('the description of a role'), quarantine: false },
  ],
  templates: [{ ...sensorTemplate, name: marks.of('a template'), device: marks.of('the device of a template') }],
  clients: [
    { ...shared.clients[0], description: marks.of('the description of a client') },
    { name: marks.of('a client'), address: '198.51.100.77', template: marks.of('a template'), relays: [] },
  ],
  admissionPolicies: [
    ...shared.admissionPolicies,
    {
      name: marks.of('an admission policy'),
      template: marks.of('a template'),
      event: 'clean',
      action: 'clear-quarantine',
    },
  ],
  radiusClients: [
    ...shared.radiusClients,
    {
      name: marks.of('a switch'),
      address: ownSwitch(number),
      make: 'juniper-ex',
      secret: marks.of('the secret of a switch', 'secret'),
      locationGroup: marks.of('a location group'),
      changePort: 3799,
    },
  ],
  connectors: [
    {
      name: marks.of('a connector'),
      description: marks.of('the description of a connector'),
      type: 'pulse-policy-secure',
      address: '127.0.0.1',
      port: 9,
      connectMethod: 'http',
      username: marks.of('the user of a connector'),
      password: marks.of('the password of a connector', 'secret'),
      subnets: ['198.51.100.192/28'],
      settings: { realm: marks.of('the realm of a connector') },
    },
  ],
  returnAttributes: [
    ...shared.returnAttributes,
    {
      name: marks.of('a return attribute'),
      locationGroups: [marks.of('a location group')],
      roles: ['employee'],
      return: { type: 'filter', filter: marks.of('a filter') },
    },
  ],
});
