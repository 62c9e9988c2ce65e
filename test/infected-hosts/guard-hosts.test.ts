import { hostApprovalId } from '../../shared/admission/approval.ts';
import { threatResponseDefaults } from '../../shared/configuration/threat-response.ts';
import { advanceEndpoint } from '../../shared/endpoints/endpoint-table.ts';
import type { Mac } from '../../shared/endpoints/mac.ts';
import { hostGuards } from '../../shared/infected-hosts/guard-hosts.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { fakeActionBudget, fakeApprovalStore } from '../support/fake-admission-stores.ts';
import { fakeEndpointTable } from '../support/fake-endpoint-store.ts';
import { isListed } from '../support/hosts.ts';
import { acme, desk, globex, noon } from '../support/observations.ts';

const address = (last: number) => `198.51.100.${String(last)}` as IpAddress;
const mac = (last: number) => `00:11:22:33:44:0${String(last)}` as Mac;

interface Asking {
  readonly tenant?: TenantId;
  readonly connector?: string | null;
  readonly cause?: string;
}

function guarding({ allowList = {}, guards = {} }: { allowList?: object; guards?: object } = {}) {
  const table = fakeEndpointTable();
  const approvals = fakeApprovalStore();
  const settings = {
    allowList: { ...threatResponseDefaults.allowList, ...allowList },
    guards: { ...threatResponseDefaults.guards, ...guards },
  };
  const { hold, withdraw } = hostGuards({
    endpoints: table.endpoints,
    approvals,
    budget: fakeActionBudget(),
    settingsOf: async () => Promise.resolve(settings),
    now: () => noon,
  });
  const has = async (which: Mac, ip: IpAddress) =>
    advanceEndpoint({ ...table, now: () => noon }, acme, which, { kind: 'addressed', ip, source: 'operator' });
  const asks = async (ip = desk, { tenant = acme, connector = 'pps', cause = 'poll-1' }: Asking = {}) =>
    hold(tenant, isListed({ cause }), { ip, connector });
  return { asks, has, approvals, withdraw };
}

test('nothing keeps a host from being acted on where nothing is set', async () => {
  expect(await guarding().asks()).toBeNull();
});

test('an address on the allow list is not acted on, nor one of a device on it, and nobody is asked', async () => {
  const { asks, has, approvals } = guarding({
    allowList: { addresses: ['192.0.2.0/24'], macs: ['00-11-22-33-44-01'] },
  });
  await has(mac(1), address(1));
  expect(await asks(desk)).toBe('allow-list');
  expect(await asks(address(1))).toBe('allow-list');
  expect(await asks(address(2))).toBeNull();
  expect((await approvals.list(acme, { limit: 9 })).approvals).toEqual([]);
});

test('an address that devices share waits for an operator, and of another tenant’s devices nothing is known', async () => {
  const { asks, has, approvals, withdraw } = guarding({ guards: { sharedAddresses: ['198.51.100.9'] } });
  await has(mac(1), desk);
  expect(await asks(desk)).toBeNull();
  await has(mac(2), desk);
  expect(await asks(desk)).toBe('shared-address');
  expect(await asks(desk, { tenant: globex })).toBeNull();
  expect(await asks(address(9))).toBe('shared-address');
  expect(await approvals.read(acme, hostApprovalId(desk, 'atp-cloud'))).toMatchObject({ state: 'open', reason: 'shared-address', subject: { ip: desk, wanted: 'quarantined', level: 7 } }); // prettier-ignore

  await withdraw(acme, desk, 'atp-cloud', 'atp-cloud');
  expect(await approvals.read(acme, hostApprovalId(desk, 'atp-cloud'))).toMatchObject({ state: 'withdrawn' });
});

test('more than the cap waits, each tenant has its own, and a repeat of the same counts once', async () => {
  const { asks } = guarding({ guards: { mostActions: 2 } });
  expect([await asks(address(1)), await asks(address(1)), await asks(address(2))]).toEqual([null, null, null]);
  expect(await asks(address(3))).toBe('blast-radius');
  expect(await asks(address(3), { tenant: globex })).toBeNull();
});

test('what nobody is told of is not counted, and a cap of 0 is none', async () => {
  const counted = guarding({ guards: { mostActions: 1 } });
  for (const last of [1, 2, 3]) expect(await counted.asks(address(last), { connector: null })).toBeNull();
  expect(await counted.asks(address(4))).toBeNull();
  const free = guarding({ guards: { mostActions: 0 } });
  for (const last of [1, 2, 3]) expect(await free.asks(address(last))).toBeNull();
});
