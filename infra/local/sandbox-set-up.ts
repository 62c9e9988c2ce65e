/**
 * What the sandbox tenant has set for threat response: who logs in at which of two switches, what a Policy Enforcer on this
 * machine may ask for, and what each switch is told of whoever is in quarantine.
 */

/** A user of the sandbox's own authentication server, who logs in at the branch. */
export const localUser = { user: 'ann', password: 'known to everybody here' } as const;

const template = 'JuniperNetworks-Policy Enforcer-HTTP-JSON';

/** At the head office the site's own RADIUS server has authenticated whoever logs in; at the branch it is us. */
const [headOffice, branch] = ['head-office', 'branch'];

const everybodyIsEmployee = [{ name: 'everybody', on: 'user', values: ['*'], roles: ['employee'] }];

export const sandboxSetUp = {
  authenticationServers: [
    { name: 'site-radius', type: 'delegated' },
    {
      name: 'sandbox-users',
      type: 'local',
      users: [{ name: localUser.user, password: localUser.password, groups: ['staff'] }],
    },
  ],
  realms: [
    {
      name: headOffice,
      authenticationServer: 'site-radius',
      locationGroups: [headOffice],
      domain: 'acme',
      roleMapping: everybodyIsEmployee,
    },
    {
      name: branch,
      authenticationServer: 'sandbox-users',
      locationGroups: [branch],
      domain: 'acme',
      roleMapping: everybodyIsEmployee,
    },
  ],
  roles: [
    { name: 'employee', description: 'Whoever has logged in' },
    { name: 'quarantine', description: 'Whoever is kept apart until the threat is gone', quarantine: true },
  ],
  clients: [{ name: 'policy-enforcer', description: 'This machine', address: '127.0.0.1', template }],
  admissionPolicies: [
    { name: 'block', template, event: 'block-endpoint', action: 'block' },
    { name: 'quarantine', template, event: 'quarantine-endpoint', action: 'quarantine', role: 'quarantine' },
    { name: 'unblock', template, event: 'clear-blocked-endpoint', action: 'clear-block' },
    { name: 'release', template, event: 'clear-quarantine-endpoint', action: 'clear-quarantine' },
  ],
  radiusClients: [
    { name: 'core-switch', address: '127.0.0.1', make: 'juniper-ex', secret: 'testing123', locationGroup: headOffice },
    { name: 'branch-switch', address: '127.0.0.2', make: 'juniper-ex', secret: 'testing123', locationGroup: branch },
  ],
  returnAttributes: [
    {
      name: 'employees-vlan',
      locationGroups: [headOffice],
      roles: ['employee'],
      return: { type: 'vlan', vlan: '100' },
    },
    {
      name: 'quarantine-vlan',
      locationGroups: [headOffice],
      roles: ['quarantine'],
      return: { type: 'vlan', vlan: '666' },
    },
    {
      name: 'employees-filter',
      locationGroups: [branch],
      roles: ['employee'],
      return: { type: 'filter', filter: 'PERMIT-ALL' },
    },
    {
      name: 'quarantine-filter',
      locationGroups: [branch],
      roles: ['quarantine'],
      return: { type: 'filter', filter: 'PERMIT-PULSE-ONLY' },
    },
  ],
};
