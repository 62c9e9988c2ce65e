/** A tenant with two switches, a realm of its own users and one of the site's, and packets as rlm_rest sends them. */
import type { Realm, ReturnAttributePolicy } from '../../shared/configuration/threat-response.ts';
import type { Revision } from '../../shared/identity/authentication-table.ts';
import type { Accounting } from '../../shared/radius/accounting.ts';
import type { Authorize } from '../../shared/radius/authorize.ts';
import type { Debugged } from '../../shared/radius/debugging.ts';
import type { LoginSettings } from '../../shared/radius/login.ts';
import type { PasswordHash } from '../../shared/radius/password.ts';
import type { PostAuth } from '../../shared/radius/post-auth.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { fakeChangeNotifier } from './fake-change-queue.ts';
import { fakeEndpointStore } from './fake-endpoint-store.ts';
import { fakeEntryStore } from './fake-entry-store.ts';
import { fakeAccessLog, fakeDebug, fakeEventLog } from './fake-logs.ts';
import { fakeMeasure } from './fake-measure.ts';
import { noon } from './observations.ts';

export const wired = '198.51.100.2' as IpAddress;
export const wireless = '198.51.100.66' as IpAddress;

export const aRealm = (told: Partial<Realm> = {}): Realm => ({
  name: 'Wired',
  authenticationServer: 'Staff',
  locationGroups: ['Floor 1'],
  domain: 'acme',
  roleMapping: [
    { name: 'staff', on: 'group', attribute: null, values: ['staff'], roles: ['Employee'], stop: false },
    { name: 'printers', on: 'user', attribute: null, values: ['00:11:22:*'], roles: ['Printer'], stop: false },
  ],
  ...told,
});

export const aReturnPolicy = (told: Partial<ReturnAttributePolicy> = {}): ReturnAttributePolicy => ({
  name: 'staff',
  locationGroups: [],
  roles: ['Employee'],
  return: { type: 'vlan', vlan: '10' },
  ...told,
});

/** A hash that is as good as the password: what scrypt does is tested with scrypt. */
const hashed = (password: string) => `hash of ${password}` as PasswordHash;

export const radiusSettings: LoginSettings = {
  authenticationServers: [
    { name: 'Staff', type: 'local', users: [{ name: 'alice', password: hashed('wonderland'), groups: ['staff'] }] },
    { name: 'Directory', type: 'delegated' },
  ],
  realms: [
    aRealm(),
    aRealm({ name: 'Wireless', authenticationServer: 'Directory', locationGroups: ['Air'], domain: 'air' }),
  ],
  radiusClients: [
    { name: 'sw-1', address: wired, make: 'juniper-ex', secret: null, locationGroup: 'Floor 1', changePort: 3799 },
    { name: 'wlc', address: '198.51.100.64/26', make: 'generic', secret: null, locationGroup: 'Air', changePort: 3799 },
  ],
  returnAttributes: [
    aReturnPolicy(),
    aReturnPolicy({
      name: 'quarantine',
      locationGroups: ['Floor 1'],
      roles: ['Quarantine'],
      return: { type: 'vlan', vlan: '666' },
    }),
    aReturnPolicy({ name: 'filter', locationGroups: ['Floor 1'], roles: ['Limited'], return: { type: 'filter', filter: 'PERMIT-PULSE-ONLY' } }), // prettier-ignore
    aReturnPolicy({ name: 'open', locationGroups: ['Floor 1'], roles: ['Open'], return: { type: 'open-port' } }),
  ],
};

export function aRadiusService(settings: LoginSettings = radiusSettings) {
  let ids = 0;
  let revisions = 0;
  const clock = { now: noon };
  const now = () => clock.now;
  const excluded: string[] = [];
  const settled: (readonly unknown[])[] = [];
  const passed: string[] = [];
  const noted = (...told: readonly unknown[]) => {
    settled.push(told);
    return Promise.resolve();
  };
  const { measure, measured } = fakeMeasure();
  const deps = {
    endpoints: fakeEndpointStore(),
    measure,
    events: fakeEventLog(now),
    now,
    newId: () => `id-${(ids += 1)}`,
    accessLog: fakeAccessLog(now),
    notifier: fakeChangeNotifier(),
    table: { entries: fakeEntryStore(), now, newRevision: () => `revision-${(revisions += 1)}` as Revision },
    provePassword: async (password: string, hash: PasswordHash) =>
      Promise.resolve(hash === hashed(password) ? 'right' : 'wrong'),
    nobodysHash: hashed('nobody'),
    settleWaiting: noted,
    settleLoggedIn: noted,
    settlePending: noted,
    settingsOf: async () => Promise.resolve(settings),
    excludedOf: async () => Promise.resolve(excluded),
    debug: fakeDebug(),
    passedOver: (_: unknown, { code }: { code: string }) => passed.push(code),
  } satisfies Authorize & PostAuth & Accounting & Debugged;
  return { clock, deps, excluded, settled, passed, measured };
}

type Told = Readonly<Record<string, string | number | readonly (string | number)[]>>;

/** A packet in rlm_rest's JSON; an attribute that is told as an empty text is left out. */
export const aPacket = (told: Told): Record<string, { type: string; value: readonly (string | number)[] }> =>
  Object.fromEntries(
    Object.entries(told)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [name, { type: 'string', value: typeof value === 'object' ? value : [value] }]),
  );

export const aLoginPacket = (told: Told = {}) =>
  aPacket({
    'User-Name': 'alice',
    'NAS-IP-Address': wired,
    'NAS-Port-Id': 'ge-0/0/7',
    'Calling-Station-Id': '00-11-22-33-CA-FE',
    ...told,
  });

export const aRecordPacket = (told: Told = {}) =>
  aLoginPacket({ 'Acct-Status-Type': 'Start', 'Acct-Session-Id': 's1', 'Framed-IP-Address': '192.0.2.50', ...told });
