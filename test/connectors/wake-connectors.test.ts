import type { ConnectorMessage } from '../../shared/connectors/connector-message.ts';
import { wakeConnectors, type WakeConnectors, type WakeSettings } from '../../shared/connectors/wake-connectors.ts';
import { type FeedState, noFeedState } from '../../shared/infected-hosts/feed.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { fakeFeedStore } from '../support/fake-feed-store.ts';
import { fakeWakingRound } from '../support/fake-rounds.ts';
import { acme, desk, globex, minutes, noon } from '../support/observations.ts';

const pps = { name: 'pps', type: 'pulse-policy-secure', address: 'pps.example.net', port: 443 } as const;
const cppm = { name: 'cppm', type: 'clearpass', address: 'clearpass.example.net', port: 443 } as const;
const idle: WakeSettings = { connectors: [], atpCloud: { enabled: false } };
const feeding: WakeSettings = { ...idle, atpCloud: { enabled: true } };

const poll = (tenant: TenantId): ConnectorMessage => ({ tenant, work: 'poll', feed: 'atp-cloud' });

/** What is set for each tenant; one without settings cannot be read. */
async function woken(
  settings: Readonly<Record<string, WakeSettings>>,
  told: {
    clock?: () => number;
    states?: Readonly<Record<string, FeedState>>;
    checked?: Readonly<Record<string, number>>;
  } & Partial<WakeConnectors> = {},
) {
  const { clock = () => noon, states = {}, checked = {}, ...others } = told;
  const feeds = fakeFeedStore();
  for (const [tenant, state] of Object.entries(states)) {
    await feeds.replace(tenant as TenantId, 'atp-cloud', state, undefined);
  }
  const sent: { place: string; message: ConnectorMessage; delay: number }[] = [];
  const unwoken: TenantId[] = [];
  await wakeConnectors(
    {
      tenants: {
        list: async ({ after }) =>
          Promise.resolve(
            after === undefined
              ? { items: [{ id: acme, name: 'Acme', createdAt: noon }], next: 'acme' }
              : { items: [{ id: globex, name: 'Globex', createdAt: noon }] },
          ),
      },
      settingsOf: async (tenant) => Promise.resolve(settings[tenant] ?? Promise.reject(new Error('unread'))),
      feeds,
      hosts: { due: async () => Promise.resolve([]) },
      checkedAt: async () => Promise.resolve(new Map(Object.entries(checked))),
      queues: {
        connectors: {
          send: async (message, delay) => Promise.resolve(void sent.push({ place: 'connectors', message, delay })),
        },
        cells: {
          send: async (cell, message, delay) => Promise.resolve(void sent.push({ place: `cell ${cell}`, message, delay })), // prettier-ignore
        },
        cellOf: async () => Promise.resolve(3),
      },
      round: fakeWakingRound(),
      now: clock,
      unwoken: (tenant) => void unwoken.push(tenant),
      ...others,
    },
    { deadlineAt: noon + minutes(1) },
  );
  return { sent, unwoken };
}

test('a feed that is switched on is polled, of each tenant by itself', async () => {
  const { sent } = await woken({ acme: feeding, globex: idle });

  expect(sent).toEqual([{ place: 'connectors', message: poll(acme), delay: 0 }]);
});

test.each<[string, Partial<FeedState>, readonly number[]]>([
  ['that is due is polled at once', { nextPollAt: noon }, [0]],
  ['that is due before the next tick is polled in time', { nextPollAt: noon + 41_200 }, [42]],
  ['that is due later is left alone', { nextPollAt: noon + minutes(1) }, []],
  ['that is being polled is left alone', { lease: { id: 'one', untilAt: noon + minutes(1) } }, []],
  ['whose worker has ended without a word is polled again', { lease: { id: 'one', untilAt: noon - 1 } }, [0]],
])('a feed %s', async (_case, state, delays) => {
  const { sent } = await woken({ acme: feeding, globex: idle }, { states: { acme: { ...noFeedState, ...state } } });

  expect(sent.map(({ delay }) => delay)).toEqual(delays);
});

test('a feed that is switched off is woken as long as there are hosts in its name, to ask whether they are let go', async () => {
  const counts = { ...noFeedState.counts, known: 3 };
  const states = { acme: { ...noFeedState, counts }, globex: noFeedState };
  const { sent } = await woken({ acme: idle, globex: idle }, { states });

  expect(sent.map(({ message }) => message)).toEqual([poll(acme)]);
});

test('a connector is checked five minutes after its last check, and a ClearPass from its cell', async () => {
  const acmes: WakeSettings = { ...idle, connectors: [pps, cppm, { ...pps, name: 'fresh' }] };
  const checked = { pps: noon - minutes(5), fresh: noon - minutes(5) + 1 };
  const { sent } = await woken({ acme: acmes, globex: idle }, { checked });

  expect(sent).toEqual([
    { place: 'connectors', message: { tenant: acme, work: 'check', connector: 'pps' }, delay: 0 },
    { place: 'cell 3', message: { tenant: acme, work: 'check', connector: 'cppm' }, delay: 0 },
  ]);
});

test('hosts whose connectors have to be told are named, those of a tenant without a connector too', async () => {
  const hosts = { due: async (tenant: TenantId) => Promise.resolve(tenant === globex ? [desk] : []) };
  const { sent } = await woken({ acme: idle, globex: idle }, { hosts });

  expect(sent).toEqual([{ place: 'connectors', message: { tenant: globex, work: 'tell', ip: desk }, delay: 0 }]);
});

test('a tenant that cannot be seen to keeps no other waiting, and what can be done for it is', async () => {
  const hosts = { due: async () => Promise.resolve([desk]) };
  const { sent, unwoken } = await woken({ globex: feeding }, { hosts });

  expect(unwoken).toEqual([acme]);
  expect(sent.map(({ message }) => `${message.tenant} ${message.work}`).sort()).toEqual([
    'acme tell',
    'globex poll',
    'globex tell',
  ]);
});

test('an erased tenant is left alone, and late in its time it begins with no further ones', async () => {
  const erased = { id: acme, name: 'Acme', createdAt: noon, erasure: { requestId: 'r', begunAt: noon } as never };
  let pages = 0;
  const list: WakeConnectors['tenants']['list'] = async () => {
    pages += 1;
    return Promise.resolve({ items: [erased], next: 'acme' });
  };
  let now = noon;
  const slowly = () => (now += 20_000);

  expect((await woken({ acme: feeding }, { tenants: { list }, clock: slowly })).sent).toEqual([]);
  expect(pages).toBe(3);
});

describe('of tenants that there is no time for in one minute', () => {
  const all = Array.from({ length: 10 }, (_, at) => `tenant-${at}` as TenantId);
  const list: WakeConnectors['tenants']['list'] = async ({ after }) => {
    const rest = all.filter((id) => after === undefined || id > after);
    const items = rest.slice(0, 2).map((id) => ({ id, name: id, createdAt: noon }));
    const last = items.at(-1)?.id;
    return Promise.resolve({ items, ...(rest.length > 2 && last !== undefined && { next: last }) });
  };
  const settings = Object.fromEntries(all.map((id) => [id, feeding]));
  /** Those who are woken in one minute, when so many pages are looked through. */
  const minute = async (round: WakeConnectors['round'], pages: number) => {
    let seen = 0;
    const counted: typeof list = async (page) => ((seen += 1), list(page));
    const clock = () => (seen < pages ? noon : noon + minutes(1));
    const { sent } = await woken(settings, { tenants: { list: counted }, round, clock });
    return sent.map(({ message }) => all.indexOf(message.tenant));
  };

  test('the next minute goes on where the last one ended, and round to the first again', async () => {
    const round = fakeWakingRound();
    expect(await minute(round, 2)).toEqual([0, 1, 2, 3]);
    expect(await minute(round, 2)).toEqual([4, 5, 6, 7]);
    expect(await minute(round, 3)).toEqual([8, 9, 0, 1, 2, 3]);
    expect(await minute(round, 9)).toEqual([4, 5, 6, 7, 8, 9, 0, 1, 2, 3]);
    expect(await minute(round, 9)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('nothing is written where there is time for all', async () => {
    const round = { ...fakeWakingRound(), write: async () => Promise.reject(new Error('written')) };
    expect(await minute(round, 9)).toHaveLength(10);
  });
});
