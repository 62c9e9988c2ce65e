/** What connectors are told in tests. */
import type { Enforcement, OpenConnector } from '../../shared/connectors/enforcer.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import type { Mac } from '../../shared/endpoints/mac.ts';
import type { Door } from '../simulators/server.ts';
import { acme, noon } from './observations.ts';

export const infected = '192.0.2.60' as IpAddress;
export const laptop = '00:11:22:33:ca:fe' as Mac;

/** The secret is `hunter2`, and none stands in for it. */
export const aConnector = (
  { address, port }: Door,
  told: Partial<OpenConnector> & { readonly former?: readonly string[] } = {},
): OpenConnector => {
  const { former = [], ...rest } = told;
  return {
    tenant: acme,
    name: 'head-office',
    description: '',
    type: 'pulse-policy-secure',
    address,
    port,
    connectMethod: 'http',
    caCertificate: null,
    username: 'postern',
    password: 'hunter2',
    subnets: ['192.0.2.0/24'],
    settings: {},
    formerSecrets: async function* () {
      for (const secret of former) yield Promise.resolve(secret);
    },
    ...rest,
  };
};

export const anEnforcement = (told: Partial<Enforcement> = {}): Enforcement => ({
  id: 'op-1',
  attempt: 1,
  ip: infected,
  mac: laptop,
  wanted: 'quarantined',
  former: 'free',
  level: 8,
  threatName: 'W32.Example',
  occurredAt: noon,
  ...told,
});
