/** The question whether a feed that lost many is believed: asked once, and decided in either order. */
import { lossApprovalId } from '../../shared/admission/approval.ts';
import { approve, reject } from '../../shared/admission/decide-approval.ts';
import { lossQuestions } from '../../shared/admission/loss-questions.ts';
import type { HeldLoss } from '../../shared/infected-hosts/feed.ts';
import { admissionInTime } from '../support/admission.ts';
import { acme, globex, noon } from '../support/observations.ts';

const id = lossApprovalId('atp-cloud');
const by = { credentialName: 'soc', clientAddress: '198.51.100.9', requestId: 'r', receivedAt: noon };
const loss = (told: Partial<HeldLoss> = {}): HeldLoss => ({
  ...{ since: noon, pollId: 'poll-1', lost: 12, of: 20, approvedAt: null, rejectedAt: null },
  ...told,
});

test('it is asked once, whoever has decided it meanwhile, and again where it has grown or had been withdrawn', async () => {
  const { deps } = admissionInTime();
  const { ask, withdraw } = lossQuestions(deps.approvals);
  const state = async () => (await deps.approvals.read(acme, id))?.state;
  await ask(acme, loss(), noon);
  expect(await deps.approvals.read(acme, id)).toMatchObject({ state: 'open', subject: { lost: 12 } });
  await reject(deps, acme, id, by);
  await ask(acme, loss(), noon + 1);
  expect(await state()).toBe('rejected');

  await ask(acme, loss({ pollId: 'poll-2', lost: 13 }), noon + 2);
  expect(await state()).toBe('open');
  await withdraw(acme, noon + 3);
  await ask(acme, loss({ pollId: 'poll-2', lost: 13 }), noon + 4);
  expect(await state()).toBe('open');
  expect(await deps.approvals.read(globex, id)).toBeUndefined();
});

test('one that was rejected is approved by whoever learns better, and one that was approved stays so', async () => {
  const { deps, hostsTold } = admissionInTime();
  for (const tenant of [acme, globex]) await lossQuestions(deps.approvals).ask(tenant, loss(), noon);

  expect(await reject(deps, acme, id, by)).toMatchObject({ approval: { state: 'rejected' } });
  expect(await approve(deps, acme, id, by, 'only')).toMatchObject({ approval: { state: 'approved' }, told: { state: 'applied' } }); // prettier-ignore
  expect(await reject(deps, acme, id, by)).toBe('decided-already');
  expect(hostsTold).toEqual(['acme doubts poll-1 of atp-cloud by soc', 'acme believes poll-1 of atp-cloud by soc']);
  expect((await deps.approvals.read(globex, id))?.state).toBe('open');
});
