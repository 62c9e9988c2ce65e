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
  readonly cause?: string;
}

function guarding({ allowList = {}, guards = {} }: { allowList?: object; guards?: object } = {}) {
  const table = fakeEndpointTable();
  const approvals = fakeApprovalStore();
  const settings = {
    allowList: { ...threatResponseDefaults.allowList, ...allowList } as {
      addresses: readonly string[];
    } & typeof threatResponseDefaults.allowList,
    guards: { ...threatResponseDefaults.guards, ...guards },
  };
  const { hold, ...others } = hostGuards({
    endpoints: table.endpoints,
    approvals,
    budget: fakeActionBudget(),
    settingsOf: async () => Promise.resolve(settings),
    now: () => noon,
  });
  const has = async (which: Mac, ip: IpAddress) =>
    advanceEndpoint({ ...table, now: () => noon }, acme, which, { kind: 'addressed', ip, source: 'operator' });
  const asks = async (ip = desk, { tenant = acme, cause = 'poll-1' }: Asking = {}) =>
    (await hold(tenant, ip, isListed({ cause })))?.by ?? null;
  const decide = async (ip: IpAddress, state: 'approved' | 'rejected' | 'withdrawn') => {
    const asked = await approvals.read(acme, hostApprovalId(ip, 'atp-cloud'));
    if (asked) await approvals.decide(acme, { ...asked, state }, noon);
  };
  return { ...others, asks, has, approvals, hold, decide, settings };
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

test('a cap of 0 is none', async () => {
  const free = guarding({ guards: { mostActions: 0 } });
  for (const last of [1, 2, 3]) expect(await free.asks(address(last))).toBeNull();
});

test('the same question is asked once, and an operator’s word on it is not counted', async () => {
  const { asks, hold, decide, approvals } = guarding({ guards: { mostActions: 1 } });
  await asks(address(1));
  expect(await hold(acme, address(2), isListed())).toEqual({ by: 'blast-radius', question: 'opened' });
  expect(await hold(acme, address(2), isListed())).toEqual({ by: 'blast-radius', question: 'open' });
  expect(await hold(acme, address(2), isListed({ cause: 'poll-2' }))).toEqual({ by: 'blast-radius', question: 'opened' }); // prettier-ignore
  await decide(address(2), 'approved');
  expect(await asks(address(2), { cause: 'poll-2' })).toBeNull();
  expect(await asks(address(2), { cause: 'poll-3' })).toBe('blast-radius');
  expect(await asks(address(2), { tenant: globex, cause: 'poll-3' })).toBeNull();
  expect((await approvals.list(acme, { limit: 9 })).approvals).toMatchObject([{ subject: { cause: 'poll-3' } }]);
});

test('who decides while the host is written is heard, and a question that is gone is asked again', async () => {
  const { asks, answerTo, decide, approvals } = guarding({ guards: { mostActions: 1 } });
  await asks(address(1));
  await asks(address(2));
  const answer = async (tenant = acme) => answerTo(tenant, address(2), isListed(), 'blast-radius');
  const state = async () => (await approvals.read(acme, hostApprovalId(address(2), 'atp-cloud')))?.state;
  expect(await answer()).toBe('none');
  await decide(address(2), 'withdrawn');
  expect([await answer(), await state()]).toEqual(['none', 'open']);
  await decide(address(2), 'rejected');
  expect(await answer()).toBe('rejected');
  expect(await answer(globex)).toBe('none');
});

test('what the allow list has is forbidden whatever an operator approves', async () => {
  const { asks, forbid, decide, settings } = guarding({ guards: { sharedAddresses: ['198.51.100.0/24'] } });
  expect(await asks(address(1))).toBe('shared-address');
  await decide(address(1), 'approved');
  const forbidden = async () => (await forbid(acme, address(1), { at: noon, spared: null }))?.by ?? null;
  expect([await forbidden(), await asks(address(1))]).toEqual([null, null]);
  settings.allowList.addresses = ['198.51.100.1'];
  expect([await forbidden(), await asks(address(1))]).toEqual(['allow-list', 'allow-list']);
});
