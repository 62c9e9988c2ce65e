/** A set-up of threat response, from who logs in to what a switch is told. Nothing is left to a default. */
export const aThreatResponse = {
  applyHoldsToDecisions: true,
  changeOfAuthorization: 'site',
  pendingMinutes: 10,
  allowList: { addresses: ['192.0.2.1'], macs: ['00:11:22:33:ca:00'], users: ['acme\\root'], roles: ['staff'] },
  authenticationServers: [
    {
      name: 'local-users',
      type: 'local',
      users: [{ name: 'ann', password: 'written, never read back', groups: ['Staff'] }],
    },
    { name: 'site-radius', type: 'delegated' },
  ],
  realms: [
    {
      name: 'wired',
      authenticationServer: 'site-radius',
      locationGroups: ['head-office'],
      domain: 'acme',
      roleMapping: [
        { name: 'staff', on: 'group', attribute: null, values: ['staff*'], roles: ['staff'], stop: true },
        {
          name: 'managed',
          on: 'certificate-attribute',
          attribute: 'TLS-Client-Cert-Common-Name',
          values: ['*.acme.example'],
          roles: ['staff'],
          stop: false,
        },
      ],
    },
  ],
  roles: [
    { name: 'staff', description: 'Who works here', quarantine: false },
    { name: 'quarantine', description: '', quarantine: true },
  ],
  templates: [
    {
      name: 'acme-ids',
      device: 'Acme IDS',
      protocol: 'syslog',
      severities: ['low', 'high'],
      events: [
        { name: 'infected', aliases: ['malware'], actions: ['quarantine', 'block', 'ignore'] },
        { name: 'clean', aliases: [], actions: ['clear-quarantine', 'clear-block'] },
      ],
      parse: {
        type: 'pattern',
        pattern: '^ids: (?P<event>[a-z]+) (?P<endpointIp>[0-9a-f.:]+) level=(?P<severity>[a-z]+)',
      },
      samples: [
        {
          message: 'ids: infected 10.0.0.9 level=high',
          expect: { event: 'infected', endpointIp: '10.0.0.9', severity: 'high' },
        },
        { message: 'ids: nothing', expect: null },
      ],
    },
    {
      name: 'acme-edr',
      device: 'Acme EDR',
      protocol: 'http-json',
      severities: [],
      events: [{ name: 'infected', aliases: [], actions: ['quarantine'] }],
      parse: { type: 'json', fields: { event: '/event', endpointIp: '/host/ip' } },
      samples: [
        {
          message: '{"event":"infected","host":{"ip":"10.0.0.9"}}',
          expect: { event: 'infected', endpointIp: '10.0.0.9' },
        },
      ],
    },
  ],
  clients: [
    { name: 'ids-1', description: 'In the cellar', address: '198.51.100.7', template: 'acme-ids', relays: ['relay-1'] },
  ],
  admissionPolicies: [
    {
      name: 'infected-high',
      template: 'acme-ids',
      event: 'infected',
      severity: 'high',
      action: 'block',
      role: null,
      assignment: 'permanent',
      releaseAfterMinutes: null,
      scope: { roles: 'other-than', names: ['staff'] },
      logOnly: false,
    },
    {
      name: 'infected',
      template: 'acme-ids',
      event: 'infected',
      severity: 'any',
      action: 'quarantine',
      role: 'quarantine',
      assignment: 'session',
      releaseAfterMinutes: 60,
      scope: { roles: 'all', names: [] },
      logOnly: true,
    },
  ],
  radiusClients: [
    {
      name: 'core-1',
      address: '192.0.2.10',
      make: 'juniper-ex',
      secret: 'written, never read back',
      locationGroup: 'head-office',
      changePort: 3799,
    },
  ],
  returnAttributes: [
    {
      name: 'quarantine-vlan',
      locationGroups: ['head-office'],
      roles: ['quarantine'],
      return: { type: 'vlan', vlan: '666' },
    },
    { name: 'staff-filter', locationGroups: [], roles: ['staff'], return: { type: 'filter', filter: 'PERMIT-ALL' } },
    { name: 'rest', locationGroups: [], roles: ['staff'], return: { type: 'open-port' } },
  ],
  connectors: [
    {
      name: 'campus',
      description: 'Head office',
      type: 'pulse-policy-secure',
      address: 'pps.example.net',
      port: 443,
      connectMethod: 'https',
      caCertificate: null,
      username: 'enforcer',
      password: 'written, never read back',
      subnets: ['10.1.0.0/16', '2001:db8:1::/48'],
      settings: {},
    },
  ],
  feeds: {
    atpCloud: {
      enabled: true,
      address: 'atp.example.net',
      port: 443,
      connectMethod: 'https',
      caCertificate: null,
      token: 'written, never read back',
      pollMinutes: 5,
      rules: [
        { minLevel: 7, event: 'quarantine-endpoint' },
        { minLevel: 10, event: 'block-endpoint' },
      ],
    },
  },
  guards: { mostActions: 100, sharedAddresses: ['192.0.2.200'] },
};
