import type { Measured } from '../../shared/journal/measure.ts';
import { type Watch, watchSenders } from '../../shared/journal/watch-senders.ts';
import { provider, type TenantId, tenantId } from '../../shared/tenancy/tenant.ts';
import { fakeSenderStore } from '../support/fake-sender-store.ts';
import { fakeTenancy } from '../support/fake-tenancy.ts';
import { acme, globex, minutes, noon } from '../support/observations.ts';

async function aWatch(...ids: readonly TenantId[]) {
  const { tenants } = fakeTenancy();
  for (const id of ids) await tenants.create({ id, name: id, createdAt: noon }, []);
  const senders = fakeSenderStore();
  const firewalls = new Map<TenantId, Measured>();
  const measured: [TenantId, Measured][] = [];
  const unwatched: [TenantId, unknown][] = [];
  const unfinished: Watch[] = [];
  const deps = {
    tenants,
    senders,
    firewalls: async (tenant: TenantId) => Promise.resolve(firewalls.get(tenant) ?? {}),
    measure: (tenant: TenantId, _at: number, what: Measured) => void measured.push([tenant, what]),
    now: () => noon,
    unwatched: (tenant: TenantId, error: unknown) => void unwatched.push([tenant, error]),
    unfinished: (watch: Watch) => void unfinished.push(watch),
  };
  const post = async (tenant: TenantId, outcome: 'accepted' | 'refused', skewMs = 0) =>
    senders.note(tenant, { credentialId: 'north', credentialName: 'north', clientAddress: '192.0.2.1', at: noon, outcome, skewMs }); // prettier-ignore
  return { deps, senders, firewalls, post, measured, unwatched, unfinished };
}

const inTime = { deadlineAt: noon + 45_000 };
const none = { DeafSenders: 0, SilentSenders: 0, SendersFallenSilent: 0, SendersWithClockOff: 0 };
const whole = [provider, { SenderWatchesUnfinished: 0 }];
const notWhole = [provider, { SenderWatchesUnfinished: 1 }];

/** More than three pages of them. */
const many = Array.from({ length: 65 }, (_, index) => tenantId(`tenant-${String(index).padStart(2, '0')}`));

test('the senders of each tenant are measured as its own, those that are well too', async () => {
  const { deps, post, measured, unwatched, unfinished } = await aWatch(acme, globex);
  for (let count = 0; count < 5; count += 1) await post(acme, 'refused');
  await post(globex, 'accepted');

  await watchSenders(deps, inTime);

  expect(measured).toEqual([[acme, { ...none, DeafSenders: 1 }], [globex, none], whole]);
  expect([unwatched, unfinished]).toEqual([[], []]);
});

test('they are judged by the time of the watch: who falls silent is told of without sending anything', async () => {
  const { deps, senders, measured } = await aWatch(acme, globex);
  for (const before of [30, 20, 10]) {
    const at = noon - minutes(before);
    for (const tenant of [acme, globex]) {
      await senders.note(tenant, { credentialId: 'north', credentialName: 'north', clientAddress: '192.0.2.1', at, outcome: 'accepted' }); // prettier-ignore
    }
  }
  await senders.note(globex, { credentialId: 'north', credentialName: 'north', clientAddress: '192.0.2.1', at: noon + minutes(19), outcome: 'accepted' }); // prettier-ignore

  await watchSenders({ ...deps, now: () => noon + minutes(20) }, { deadlineAt: noon + minutes(21) });

  expect(measured).toEqual([[acme, { ...none, SilentSenders: 1, SendersFallenSilent: 1 }], [globex, none], whole]);

  measured.length = 0;
  await watchSenders({ ...deps, now: () => noon + minutes(80) }, { deadlineAt: noon + minutes(81) });

  expect(measured[0]).toEqual([acme, { ...none, SilentSenders: 1 }]); // it is silent still, and that is no news
});

test('a tenant without senders has no series', async () => {
  const { deps, post, measured } = await aWatch(acme, globex);
  await post(globex, 'accepted', 90_000);

  await watchSenders(deps, inTime);

  expect(measured).toEqual([[globex, { ...none, SendersWithClockOff: 1 }], whole]);
});

test('firewalls that fell silent are told with the senders, and by themselves where there are none', async () => {
  const { deps, post, firewalls, measured } = await aWatch(acme, globex);
  await post(acme, 'accepted');
  firewalls.set(acme, { FirewallsFallenSilent: 0 }).set(globex, { FirewallsFallenSilent: 2 });

  await watchSenders(deps, inTime);

  expect(measured).toEqual([[acme, { ...none, FirewallsFallenSilent: 0 }], [globex, { FirewallsFallenSilent: 2 }], whole]); // prettier-ignore
});

test('where there are no tenants, that is all of them', async () => {
  const { deps, measured } = await aWatch();

  await watchSenders(deps, inTime);

  expect(measured).toEqual([whole]);
});

test('all pages of the list are gone through, each tenant once', async () => {
  const { deps, post, measured } = await aWatch(...many);
  for (const tenant of many) await post(tenant, 'accepted');

  await watchSenders(deps, inTime);

  expect(measured).toEqual([...many.map((tenant) => [tenant, none]), whole]);
});

test('a tenant that cannot be read is told of, and does not keep the others from being watched', async () => {
  const { deps, senders, post, measured, unwatched, unfinished } = await aWatch(acme, globex);
  await post(globex, 'accepted');
  const broken = new Error('throttled');
  const all = async (tenant: TenantId, now: number) =>
    tenant === acme ? Promise.reject(broken) : senders.all(tenant, now);

  await watchSenders({ ...deps, senders: { all } }, inTime);

  expect(measured).toEqual([[globex, none], notWhole]);
  expect(unwatched).toEqual([[acme, broken]]);
  expect(unfinished).toEqual([]);
});

test('no tenants are begun when the time is nearly up, and where it ended is told', async () => {
  const { deps, senders, post, measured, unfinished } = await aWatch(...many);
  for (const tenant of many) await post(tenant, 'accepted');
  let now = noon;
  // Each read takes a second of the 25 that there are: two pages are begun.
  const all = async (tenant: TenantId, at: number) => {
    now += 1_000;
    return senders.all(tenant, at);
  };

  await watchSenders({ ...deps, senders: { all }, now: () => now }, inTime);

  expect(measured.map(([tenant]) => tenant)).toEqual([...many.slice(0, 40), provider]);
  expect(measured.at(-1)).toEqual(notWhole);
  expect(unfinished).toEqual([{ watched: 40, failed: 0, after: many[39] }]);
});

test('a list that cannot be read fails the watch', async () => {
  const { deps } = await aWatch(acme, globex);
  const list = async () => Promise.reject(new Error('throttled'));

  await expect(watchSenders({ ...deps, tenants: { list } }, inTime)).rejects.toThrow('throttled');
});
