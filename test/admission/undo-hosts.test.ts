/** The undo of what a poll or push of a feed did to hosts, beside what events do to endpoints. */
import { undoEvent } from '../../shared/admission/undo-event.ts';
import { actOnHost } from '../../shared/infected-hosts/act-on-host.ts';
import { hostDecisions } from '../../shared/infected-hosts/decide-hosts.ts';
import { wantedOf } from '../../shared/infected-hosts/host.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { admissionInTime } from '../support/admission.ts';
import { byPoll, fakeActsOnHosts } from '../support/acts-on-hosts.ts';
import { isListed } from '../support/hosts.ts';
import { acme, globex, noon } from '../support/observations.ts';

const by = { credentialName: 'soc', clientAddress: '198.51.100.9', requestId: 'r', receivedAt: noon };
const address = (index: number) => `10.0.${String(index >> 8)}.${String(index & 255)}` as IpAddress;

function undoing() {
  let now = noon;
  const acts = fakeActsOnHosts({ now: () => now });
  const { deps: admission } = admissionInTime();
  let pages = 0;
  const hosts = { ...acts.deps.hosts, list: async (...told: Parameters<typeof acts.deps.hosts.list>) => (pages++, acts.deps.hosts.list(...told)) }; // prettier-ignore
  const deps = { ...admission, hostActs: hostDecisions({ ...acts.deps, hosts }), now: () => now };
  return {
    deps,
    pages: () => pages,
    push: async (count: number, cause: string, tenant: TenantId = acme) => {
      for (let index = 0; index < count; index += 1) await actOnHost(acts.deps, tenant, address(index), isListed({ cause }), byPoll(cause)); // prettier-ignore
    },
    undo: async (id: string, untilMs = 60_000) => {
      now += 1;
      return undoEvent(deps, acme, by, { event: { client: null, id }, note: null, untilAt: now + untilMs });
    },
    held: async (tenant: TenantId = acme) => {
      const all = await acts.deps.hosts.list(tenant, { limit: 9_999 });
      return all.hosts.filter(({ host }) => wantedOf(host) !== 'free').length;
    },
  };
}

test('a push of more than a thousand is undone in calls that go on where the last one ended, and once more finds it undone', async () => {
  const { push, undo, held } = undoing();
  await push(1_203, 'push-1');
  await push(3, 'push-1', globex);

  const first = await undo('push-1');
  expect([first.results.length, first.left]).toEqual([1_000, 'some']);
  const second = await undo('push-1');
  expect([second.results.length, second.left]).toEqual([203, 'none']);
  expect([await held(), await held(globex)]).toEqual([0, 3]);
  expect(await undo('push-1')).toMatchObject({ results: [{ what: 'hosts', outcome: 'gone' }], left: 'none' });
});

test('one that there is no time for says that some is left, and is not taken for one that nobody knows', async () => {
  const { push, undo, held } = undoing();
  await push(3, 'atp-cloud-7');

  expect(await undo('atp-cloud-7', 0)).toMatchObject({ results: [], left: 'some' });
  expect(await held()).toBe(3);
});

test('one that only let go says so, and one that was never there is not known', async () => {
  const { deps, undo } = undoing();
  await deps.traces.leave(acme, { client: null, id: 'push-2' }, { kind: 'let-go' }, noon);

  expect(await undo('push-2')).toMatchObject({ results: [{ what: 'let-go', outcome: 'impossible', mac: null, ip: null }] }); // prettier-ignore
  await expect(undo('push-3')).rejects.toMatchObject({ code: 'event-absent' });
});

test('for an event that is no feed’s no host is read', async () => {
  const { deps, undo, pages } = undoing();
  await deps.traces.leave(acme, { client: null, id: 'bulk-1' }, { kind: 'let-go' }, noon);
  await undo('bulk-1');
  expect(pages()).toBe(0);
});
