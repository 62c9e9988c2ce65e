/** The question whether a feed that lost many is believed: asked once, and decided in either order. */
import { lossApprovalId } from '../../shared/admission/approval.ts';
import { approve, reject } from '../../shared/admission/decide-approval.ts';
import { lossQuestions } from '../../shared/admission/loss-questions.ts';
import { lossActs } from '../../shared/infected-hosts/decide-loss.ts';
import { type HeldLoss, noFeedState } from '../../shared/infected-hosts/feed.ts';
import { noHosts } from '../../shared/infected-hosts/host-acts.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { admissionInTime } from '../support/admission.ts';
import { fakeFeedStore } from '../support/fake-feed-store.ts';
import { acme, globex, noon } from '../support/observations.ts';

const id = lossApprovalId('atp-cloud');
const by = { credentialName: 'soc', clientAddress: '198.51.100.9', requestId: 'r', receivedAt: noon };
const loss = (told: Partial<HeldLoss> = {}): HeldLoss => ({
  ...{ since: noon, pollId: 'poll-1', lost: 12, of: 20, approvedAt: null, rejectedAt: null },
  ...told,
});

function asking() {
  const feeds = fakeFeedStore();
  const { deps } = admissionInTime();
  const state = async (tenant: TenantId) => (await feeds.read(tenant, 'atp-cloud'))?.state;
  return {
    deps: { ...deps, hostActs: { ...noHosts, ...lossActs({ feeds, now: deps.now }) } },
    ...lossQuestions(deps.approvals, feeds),
    question: async (tenant: TenantId = acme) => deps.approvals.read(tenant, id),
    held: async (tenant: TenantId = acme) => (await state(tenant))?.lossHeld,
    /** What a poll says of the feed at its end. */
    holds: async (lossHeld: HeldLoss, tenant: TenantId = acme) =>
      feeds.replace(tenant, 'atp-cloud', { ...noFeedState, lossHeld }, await feeds.read(tenant, 'atp-cloud')),
  };
}

test('it is asked once, whoever has decided it meanwhile, and again where it has grown or had been withdrawn', async () => {
  const { deps, ask, withdraw, question, holds } = asking();
  await ask(acme, loss(), noon);
  await holds(loss());
  expect(await question()).toMatchObject({ state: 'open', subject: { lost: 12 } });
  await reject(deps, acme, id, by);
  // A poll that began before asks by what it had read.
  await ask(acme, loss(), noon + 1);
  expect(await question()).toMatchObject({ state: 'rejected' });

  const grown = loss({ pollId: 'poll-2', lost: 13 });
  await ask(acme, grown, noon + 2);
  expect(await question()).toMatchObject({ state: 'open' });
  await withdraw(acme, noon + 3);
  await ask(acme, grown, noon + 4);
  expect(await question()).toMatchObject({ state: 'open' });
  expect(await question(globex)).toBeUndefined();
});

test.each([
  ['approved', approve, 'nothing-to-do', 'approvedAt'],
  ['rejected', reject, 'approval-rejected', 'rejectedAt'],
] as const)(
  'one that was %s before the feed said that it is held, because its poll was ended there, is asked again',
  async (state, decide, code, decidedAt) => {
    const { deps, ask, question, held, holds } = asking();
    for (const tenant of [acme, globex]) await ask(tenant, loss(), noon);
    expect(await decide(deps, acme, id, by, 'only')).toMatchObject({ approval: { state }, told: { code } });

    await ask(acme, loss(), noon + 1);
    await holds(loss());
    expect(await question()).toMatchObject({ state: 'open', openedAt: noon + 1, decidedAt: null, settledAt: null });
    await decide(deps, acme, id, by, 'only');
    await ask(acme, loss(), noon + 2);
    expect(await question()).toMatchObject({ state });
    expect(await held()).toMatchObject({ [decidedAt]: expect.any(Number) as number });
    expect(await question(globex)).toMatchObject({ state: 'open', openedAt: noon });
  },
);

test('one that somebody is about to decide is left to whoever does', async () => {
  const { deps, ask, question } = asking();
  await ask(acme, loss(), noon);
  const settle = async () => Promise.reject(new Error('killed'));
  await expect(approve({ ...deps, approvals: { ...deps.approvals, settle } }, acme, id, by, 'only')).rejects.toThrow('killed'); // prettier-ignore

  await ask(acme, loss(), noon + 1);
  expect(await question()).toMatchObject({ state: 'approved', settledAt: null });
  await approve(deps, acme, id, by, 'only');
  await ask(acme, loss(), noon + 2);
  expect(await question()).toMatchObject({ state: 'open' });
});

test('one that was rejected is approved by whoever learns better, and one that was approved stays so', async () => {
  const { deps, ask, question, held, holds } = asking();
  for (const tenant of [acme, globex]) {
    await ask(tenant, loss(), noon);
    await holds(loss(), tenant);
  }

  expect(await reject(deps, acme, id, by)).toMatchObject({ approval: { state: 'rejected' } });
  expect(await held()).toMatchObject({ approvedAt: null, rejectedAt: expect.any(Number) as number });
  expect(await approve(deps, acme, id, by, 'only')).toMatchObject({ approval: { state: 'approved' }, told: { state: 'applied' } }); // prettier-ignore
  expect(await reject(deps, acme, id, by)).toBe('decided-already');
  expect(await held()).toMatchObject({ approvedAt: expect.any(Number) as number, rejectedAt: null });
  expect([(await question(globex))?.state, await held(globex)]).toEqual(['open', loss()]);
});
