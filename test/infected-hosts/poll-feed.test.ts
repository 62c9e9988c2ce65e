import { lossApprovalId } from '../../shared/admission/approval.ts';
import { approve } from '../../shared/admission/decide-approval.ts';
import { lossQuestions } from '../../shared/admission/loss-questions.ts';
import type { AtpCloud } from '../../shared/configuration/threat-response.ts';
import { threatResponseDefaults } from '../../shared/configuration/threat-response.ts';
import { lossActs } from '../../shared/infected-hosts/decide-loss.ts';
import type { FeedState, HeldLoss } from '../../shared/infected-hosts/feed.ts';
import { actOnHost } from '../../shared/infected-hosts/act-on-host.ts';
import { noHosts } from '../../shared/infected-hosts/host-acts.ts';
import { pollFeed, type PollFeed } from '../../shared/infected-hosts/poll-feed.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import type { FeedAnswer } from '../../shared/infected-hosts/asked-feed.ts';
import type { SecretReference } from '../../shared/outbound/secrets.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { admissionInTime } from '../support/admission.ts';
import { fakeTraceStore } from '../support/fake-admission-stores.ts';
import { fakeFeedStore } from '../support/fake-feed-store.ts';
import { fakeMeasure } from '../support/fake-measure.ts';
import { byOperator, fakeActsOnHosts } from '../support/acts-on-hosts.ts';
import { acme, globex, minutes, noon } from '../support/observations.ts';

const atpCloud: AtpCloud<SecretReference | null> = {
  ...threatResponseDefaults.feeds.atpCloud,
  enabled: true,
  address: 'atp.example.net',
  token: 'reference' as SecretReference,
};

const listOf = (hosts: Readonly<Record<string, number>>): FeedAnswer => {
  const ip = Object.entries(hosts).map(([address, level]) => ({ [address]: level }));
  const body = Buffer.from(JSON.stringify({ data: { count: ip.length, ip } }));
  return { outcome: 'answered', body, elapsedMs: 1 };
};

function polling() {
  const acts = fakeActsOnHosts();
  const { measure, measured } = fakeMeasure();
  const asked: { token: string; former: string[] }[] = [];
  const traces = fakeTraceStore();
  const unseen: unknown[] = [];
  const losses: (HeldLoss | 'withdrawn')[] = [];
  let answer: FeedAnswer = listOf({});
  let settings = atpCloud;
  let now = noon;
  const deps: PollFeed = {
    ...acts.deps,
    now: () => now,
    feeds: fakeFeedStore(),
    settingsOf: async () =>
      Promise.resolve({ atpCloud: settings, connectorOf: (ip) => acts.connectors.get(ip) ?? null }),
    secrets: {
      open: async ({ tenant, name }, reference) =>
        Promise.resolve(reference === settings.token ? { text: `${tenant} ${name}` } : undefined),
    },
    ask: async ({ token, formerTokens }) => {
      const former: string[] = [];
      for await (const each of formerTokens()) former.push(each);
      asked.push({ token, former });
      return answer;
    },
    losses: {
      ask: async (_tenant, loss) => {
        const last = losses.at(-1);
        if (last === undefined || last === 'withdrawn' || last.pollId !== loss.pollId) losses.push(loss);
        return Promise.resolve();
      },
      withdraw: async () => Promise.resolve(void losses.push('withdrawn')),
    },
    traces,
    measure,
    unseen: (tenant, ip, error) => void unseen.push([tenant, ip, error]),
  };
  let workers = 0;
  return {
    ...acts,
    deps,
    asked,
    losses,
    traces,
    unseen,
    measured,
    answers: (told: Readonly<Record<string, number>> | FeedAnswer) =>
      void (answer = isAnswer(told) ? told : listOf(told)),
    configure: (told: Partial<typeof atpCloud>) => void (settings = { ...settings, ...told }),
    /** At so many minutes past noon. */
    poll: async (minute: number, tenant: TenantId = acme, forMs = minutes(1)) => {
      now = noon + minutes(minute);
      await pollFeed(deps, tenant, { id: `worker-${++workers}`, deadlineAt: now + forMs });
    },
    state: async (tenant: TenantId = acme): Promise<FeedState | undefined> =>
      (await deps.feeds.read(tenant, 'atp-cloud'))?.state,
    host: async (ip: string, tenant: TenantId = acme) => (await deps.hosts.read(tenant, ip as IpAddress))?.host,
  };
}

const isAnswer = (told: Readonly<Record<string, number>> | FeedAnswer): told is FeedAnswer => 'outcome' in told;

const desk = '192.0.2.50' as IpAddress;
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`192.0.2.${at + 1}`, 7]));

test('hosts of the list are acted on, and the state says how many of each kind there are', async () => {
  const { answers, connectors, poll, state, told, asked, measured, host } = polling();
  connectors.set(desk, 'pps');
  answers({ [desk]: 8, '192.0.2.51': 9, '192.0.2.52': 3 });

  await poll(0);

  expect(asked).toEqual([{ token: 'acme atp-cloud', former: [] }]);
  expect(told).toEqual([{ tenant: acme, ip: desk }]);
  expect(await state()).toMatchObject({
    ...{ lease: null, lastPollAt: noon, lastGoodPollAt: noon, nextPollAt: noon + minutes(5), failure: null },
    counts: { listed: 3, acted: 1, unmanaged: 1, held: 0, silenced: 0, known: 3 },
  });
  expect(measured).toEqual([{ tenant: acme, measured: { FeedPolls: 1 } }]);
  expect(await host(desk, globex)).toBeUndefined();
  expect(await state(globex)).toBeUndefined();
});

test('a message that comes before its time, or beside a worker that is at it, does nothing', async () => {
  const { poll, asked, deps } = polling();
  await poll(0);
  await poll(4);
  expect(asked).toHaveLength(1);

  const ask = deps.ask;
  const both = { ...deps, ask: async (told: Parameters<typeof ask>[0]) => (await pollFeed(deps, globex, { id: 'other', deadlineAt: noon + minutes(9) }), ask(told)) }; // prettier-ignore
  await pollFeed(both, globex, { id: 'one', deadlineAt: noon + minutes(9) });
  expect(asked).toHaveLength(2);
});

test('a feed that is switched off is not asked', async () => {
  const { configure, poll, asked, state } = polling();
  configure({ enabled: false });
  await poll(0);
  expect(asked).toEqual([]);
  expect(await state()).toBeUndefined();
});

test('two good polls without a host free it; one that fails between them counts for nothing', async () => {
  const { answers, connectors, poll, host, lines, traces } = polling();
  connectors.set(desk, 'pps');
  answers({ [desk]: 8 });
  await poll(0);
  answers({});
  await poll(5);
  expect((await host(desk))?.listings['atp-cloud']).toMatchObject({ missedAt: noon + minutes(5) });
  answers({ outcome: 'failed', reason: 'server-failed', elapsedMs: 1 });
  await poll(10);
  expect((await host(desk))?.listings['atp-cloud']).toMatchObject({ missedAt: noon + minutes(5) });
  answers({});
  await poll(15);

  expect((await host(desk))?.listings ?? {}).toEqual({});
  const id = lines.find(({ code }) => code === 'left-feed')?.eventId ?? '';
  expect((await traces.of(acme, { client: null, id }, { limit: 9 })).traces).toEqual([{ kind: 'let-go' }]);
  expect(lines.map(({ code }) => code)).toEqual(['listed', 'feed-fails', 'left-feed', 'feed-recovered']);
});

test('a feed that fails says so once, until it is well again, and says why', async () => {
  const { answers, poll, lines, state, measured } = polling();
  answers({ outcome: 'failed', reason: 'token-refused', elapsedMs: 1 });
  await poll(0);
  answers({ outcome: 'answered', body: Buffer.from('<html>'), elapsedMs: 1 });
  await poll(5);

  expect(await state()).toMatchObject({
    failure: { since: noon, code: 'answer-unreadable' },
    lastGoodPollAt: null,
    nextPollAt: noon + minutes(10),
  });
  expect(lines).toMatchObject([{ state: 'noted', code: 'feed-fails', sender: { kind: 'feed', name: 'atp-cloud' } }]);
  expect(lines[0]?.message).toContain('token-refused');
  expect(measured.map(({ measured: told }) => told)).toEqual([
    { FeedPolls: 1, FeedPollsFailed: 1 },
    { FeedFailingFor: 0 },
    { FeedPolls: 1, FeedPollsFailed: 1 },
    { FeedFailingFor: minutes(5) },
  ]);
  answers({});
  await poll(10);
  expect(await state()).toMatchObject({ failure: null });
  expect(lines.map(({ code }) => code)).toEqual(['feed-fails', 'feed-recovered']);
});

test('a feed without a token, or that wants to be left alone, is not asked in vain', async () => {
  const { answers, configure, poll, state, asked } = polling();
  configure({ token: null });
  await poll(0);
  expect(asked).toEqual([]);
  expect(await state()).toMatchObject({ failure: { code: 'token-missing' } });

  configure({ token: 'reference' as SecretReference });
  answers({ outcome: 'failed', reason: 'server-busy', elapsedMs: 1, retryAfterMs: minutes(20) });
  await poll(5);
  await poll(24);
  expect(asked).toHaveLength(1);
  await poll(25);
  expect(asked).toHaveLength(2);
});

test('a feed that comes back empty frees nobody before an operator approves, and is asked about once', async () => {
  const { answers, poll, state, losses, lines, deps, host } = polling();
  answers(many(12));
  await poll(0);
  answers({});
  await poll(5);
  await poll(10);

  const held = (await state())?.lossHeld;
  expect(held).toMatchObject({ since: noon + minutes(5), lost: 12, of: 12, approvedAt: null });
  expect(losses).toEqual([held]);
  expect(lines.filter(({ code }) => code === 'feed-loss')).toMatchObject([{ state: 'held-for-approval', eventId: held?.pollId }]); // prettier-ignore
  expect((await host('192.0.2.1'))?.listings['atp-cloud']).toMatchObject({ missedAt: null, lostAt: noon + minutes(5) });

  const { approveLoss } = lossActs(deps);
  const by = { name: 'ops', cause: 'approval-1' };
  expect(await approveLoss(acme, 'atp-cloud', 'another', by)).toMatchObject({ outcome: 'nothing-to-do' });
  expect(await approveLoss(globex, 'atp-cloud', held?.pollId ?? '', by)).toMatchObject({ outcome: 'nothing-to-do' });
  expect(await approveLoss(acme, 'atp-cloud', held?.pollId ?? '', by)).toMatchObject({ outcome: 'done' });
  await poll(15);
  expect(await state()).toMatchObject({ lossHeld: null });
  await poll(20);
  expect(await host('192.0.2.1')).toBeUndefined();
});

test('a loss that was rejected is not asked about again, one that grows is, and hosts that are back end it', async () => {
  const { answers, poll, state, losses, deps } = polling();
  answers(many(20));
  await poll(0);
  answers(many(8));
  await poll(5);
  const { rejectLoss } = lossActs(deps);
  const pollId = (await state())?.lossHeld?.pollId ?? '';
  expect(await rejectLoss(acme, 'atp-cloud', pollId, { name: 'ops', cause: 'a' })).toMatchObject({ outcome: 'done' });
  await poll(10);
  expect(losses).toMatchObject([{ lost: 12, of: 20 }]);
  answers(many(2));
  await poll(15);
  expect(losses).toMatchObject([{ lost: 12 }, { lost: 18, since: noon + minutes(5) }]);
  answers(many(20));
  await poll(20);

  expect(await state()).toMatchObject({ lossHeld: null });
  expect(losses.at(-1)).toBe('withdrawn');
});

test('what there is no time for is done by the next poll, a minute later, and nothing is done twice', async () => {
  const { answers, poll, state, deps, told, lines, connectors } = polling();
  for (const ip of Object.keys(many(30))) connectors.set(ip as IpAddress, 'pps');
  answers(many(30));
  await poll(0, acme, 5_000);
  expect(told).toEqual([]);
  expect(await state()).toMatchObject({ nextPollAt: noon + minutes(1), counts: { listed: 30, acted: 0 } });
  await poll(1);
  await poll(6);

  expect(told).toHaveLength(30);
  expect(lines).toHaveLength(30);
  expect((await deps.hosts.list(acme, { limit: 100 })).hosts).toHaveLength(30);
  expect(await state()).toMatchObject({ counts: { listed: 30, acted: 30 } });
});

test('what an operator let go, and what a guard holds, are counted apart', async () => {
  const { answers, poll, state, deps, connectors, holding } = polling();
  for (const ip of Object.keys(many(3))) connectors.set(ip as IpAddress, 'pps');
  holding.set('192.0.2.2' as IpAddress, 'shared-address');
  answers(many(3));
  await poll(0);
  await actOnHost(deps, acme, '192.0.2.1' as IpAddress, { kind: 'cleared' }, byOperator());
  await poll(5);

  expect((await state())?.counts).toEqual({ listed: 3, acted: 1, unmanaged: 0, held: 1, silenced: 1, known: 3 });
});

test('a loss stays in doubt however the list grows, is withdrawn once its hosts are back, and approved after it was rejected', async () => {
  const { answers, poll, state, losses, deps, host } = polling();
  const grown = { ...many(8), ...Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`198.51.100.${at + 1}`, 7])) }; // prettier-ignore
  answers(many(20));
  await poll(0);
  answers(many(8));
  await poll(5);
  answers(grown);
  for (const minute of [10, 15, 20]) await poll(minute);
  expect(await host('192.0.2.20')).toBeDefined();
  expect(losses).toMatchObject([{ lost: 12, of: 20 }]);

  const { rejectLoss, approveLoss } = lossActs(deps);
  const pollId = (await state())?.lossHeld?.pollId ?? '';
  await rejectLoss(acme, 'atp-cloud', pollId, { name: 'ops', cause: 'a' });
  for (const minute of [25, 30]) await poll(minute);
  expect(await host('192.0.2.20')).toBeDefined();
  expect(await state()).toMatchObject({ lossHeld: { rejectedAt: expect.any(Number) as number } });

  await approveLoss(acme, 'atp-cloud', pollId, { name: 'ops', cause: 'a' });
  for (const minute of [35, 40]) await poll(minute);
  expect(await host('192.0.2.20')).toBeUndefined();
  expect(await host('192.0.2.8')).toBeDefined();
  expect(await state()).toMatchObject({ lossHeld: null });
});

test('a poll that is ended at any step after its hosts has its loss asked about by the next', async () => {
  for (const step of ['ask', 'tell', 'replace'] as const) {
    const { answers, poll, losses, deps, lines, state } = polling();
    answers(many(12));
    await poll(0);
    answers({});
    const whole = { losses: deps.losses, events: deps.events, feeds: deps.feeds };
    const killed = async (): Promise<never> => Promise.reject(new Error('killed'));
    let claims = 0;
    const replace: typeof deps.feeds.replace = async (...told) => (claims++ === 0 ? whole.feeds.replace(...told) : killed()); // prettier-ignore
    Object.assign(deps, step === 'ask' ? { losses: { ...deps.losses, ask: killed } } : step === 'tell' ? { events: { tell: killed } } : { feeds: { ...deps.feeds, replace } }); // prettier-ignore
    await expect(poll(5)).rejects.toThrow('killed');
    Object.assign(deps, whole);
    await poll(20);

    expect(losses.filter((each) => each !== 'withdrawn')).not.toEqual([]);
    expect(lines.filter(({ code }) => code === 'feed-loss')).not.toEqual([]);
    expect(losses.at(-1)).toMatchObject({ pollId: (await state())?.lossHeld?.pollId, lost: 12 });
  }
});

test('an approval that came between the question of a poll that was ended and its state is asked for again, and then heard', async () => {
  const { answers, poll, deps, state, host } = polling();
  const { deps: admission } = admissionInTime();
  const { feeds } = deps;
  Object.assign(deps, { losses: lossQuestions(admission.approvals, feeds) });
  const deciding = { ...admission, hostActs: { ...noHosts, ...lossActs(deps) } };
  const decide = async () => approve(deciding, acme, lossApprovalId('atp-cloud'), { credentialName: 'ops', clientAddress: '192.0.2.9', requestId: 'r', receivedAt: noon }, 'only'); // prettier-ignore
  for (const tenant of [acme, globex]) {
    answers(many(12));
    await poll(0, tenant);
  }
  answers({});
  let claims = 0;
  const replace: typeof feeds.replace = async (...told) => (claims++ === 0 ? feeds.replace(...told) : Promise.reject(new Error('killed'))); // prettier-ignore
  Object.assign(deps, { feeds: { ...feeds, replace } });
  await expect(poll(5)).rejects.toThrow('killed');
  Object.assign(deps, { feeds });
  expect(await decide()).toMatchObject({ told: { code: 'nothing-to-do' } });

  await poll(20);
  await poll(25, globex);
  expect(await state()).toMatchObject({ lossHeld: { lost: 12, approvedAt: null } });
  expect(await decide()).toMatchObject({ told: { state: 'applied' } });
  for (const minute of [25, 30]) await poll(minute);
  expect(await host('192.0.2.1')).toBeUndefined();
  expect(await host('192.0.2.1', globex)).toBeDefined();
});

test('a host that throws keeps no other waiting: it is told, shown with the feed, and tried again', async () => {
  const { answers, poll, state, deps, unseen, lines, host, measured } = polling();
  const { connectorOf, guards } = deps;
  const hold: typeof guards.hold = async (tenant, ip, asked) =>
    ip === desk ? Promise.reject(new Error('broken')) : guards.hold(tenant, ip, asked);
  Object.assign(deps, { guards: { ...guards, hold } });
  answers({ '192.0.2.49': 7, [desk]: 7, '192.0.2.51': 7 });
  await poll(0);

  expect(unseen).toEqual([[acme, desk, new Error('broken')]]);
  expect([await host('192.0.2.49'), await host(desk), await host('192.0.2.51')].map(Boolean)).toEqual([
    true,
    false,
    true,
  ]);
  expect(await state()).toMatchObject({ failure: { since: noon, code: 'hosts-failed' }, lastGoodPollAt: noon, lease: null }); // prettier-ignore
  expect(lines.at(-1)).toMatchObject({ code: 'feed-fails' });
  expect(measured.at(-1)).toEqual({ tenant: acme, measured: { FeedFailingFor: 0 } });

  Object.assign(deps, { guards, connectorOf });
  await poll(5);
  expect(await host(desk)).toBeDefined();
  expect(await state()).toMatchObject({ failure: null });
  expect(lines.at(-1)).toMatchObject({ code: 'feed-recovered' });
});

test('a poll that fails as a whole by our fault is shown with the feed too', async () => {
  const { poll, state, deps } = polling();
  const { hosts } = deps;
  Object.assign(deps, { hosts: { ...hosts, list: async () => Promise.reject(new Error('no table')) } });

  await expect(poll(0)).rejects.toThrow('no table');
  expect(await state()).toMatchObject({ failure: { since: noon, code: 'poll-failed' }, nextPollAt: noon + minutes(5), lease: null }); // prettier-ignore
});

test('one list is one poll however many workers it takes', async () => {
  const { answers, poll, deps, state } = polling();
  answers(many(30));
  await poll(0, acme, 5_000);
  const { unfinished } = (await state()) ?? {};
  await poll(1);
  const causes = (await deps.hosts.list(acme, { limit: 99 })).hosts.map(({ host }) => host.listings['atp-cloud']?.cause); // prettier-ignore

  expect(unfinished).toMatch(/^atp-cloud-/);
  expect(new Set(causes)).toEqual(new Set([unfinished]));
  expect((await state())?.unfinished).toBeNull();
});

test('a feed that is switched off asks whether its hosts are let go, and lets them go once that is approved', async () => {
  const { answers, configure, poll, state, losses, deps, host, lines, asked } = polling();
  answers({ [desk]: 7 });
  await poll(0);
  configure({ enabled: false });
  for (const minute of [5, 10, 15]) await poll(minute);

  expect(asked).toHaveLength(1);
  expect(await state()).toMatchObject({ lastPollAt: noon, lossHeld: { lost: 1, of: 1 } });
  expect(losses).toHaveLength(1);
  expect(lines.at(-1)?.message).toContain('switched off');
  expect(await host(desk)).toBeDefined();

  await lossActs(deps).approveLoss(acme, 'atp-cloud', (await state())?.lossHeld?.pollId ?? '', { name: 'ops', cause: 'a' }); // prettier-ignore
  for (const minute of [20, 25]) await poll(minute);
  expect(await host(desk)).toBeUndefined();
  const done = await state();
  await poll(30);
  expect(await state()).toEqual(done);
});

test('a feed that is switched on again has its hosts back, and nothing is asked any more', async () => {
  const { answers, configure, poll, state, losses, host } = polling();
  answers({ [desk]: 7 });
  await poll(0);
  configure({ enabled: false });
  await poll(5);
  configure({ enabled: true });
  await poll(10);

  expect((await host(desk))?.listings['atp-cloud']).toMatchObject({ lostAt: null, missedAt: null });
  expect(await state()).toMatchObject({ lossHeld: null });
  expect(losses.at(-1)).toBe('withdrawn');
});
