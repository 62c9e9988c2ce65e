import { type FeedState, noFeedState } from '../../shared/infected-hosts/feed.ts';
import { hostDoors } from '../support/host-doors.ts';
import { acme, noon } from '../support/observations.ts';

const list = 'GET /v1/feeds';
const never = {
  feed: 'atp-cloud',
  enabled: false,
  pollMinutes: 5,
  lastPollAt: null,
  lastGoodPollAt: null,
  nextPollAt: null,
  error: null,
  listed: 0,
  acted: 0,
  unmanaged: 0,
  held: 0,
  silenced: 0,
  lossHeld: null,
  known: 0,
};

const failing: FeedState = {
  ...noFeedState,
  lease: { id: 'worker', untilAt: noon },
  nextPollAt: noon + 60_000,
  lastPollAt: noon,
  lastGoodPollAt: noon - 60_000,
  failure: { since: noon, code: 'token-missing', message: 'Give a token.' },
  counts: { listed: 40, acted: 12, unmanaged: 3, held: 1, silenced: 2, known: 40 },
  lossHeld: { since: noon - 60_000, pollId: 'atp-cloud-1', lost: 30, of: 40, approvedAt: null, rejectedAt: null },
};

test('a feed that was never asked is listed as that', async () => {
  const { send } = hostDoors();

  expect(await send(list)).toEqual({ status: 200, body: { items: [never] } });
});

test('a feed tells what it lists, why it fails and what waits for approval; another tenant sees its own', async () => {
  const { send, deps } = hostDoors();
  await deps.polled.replace(acme, 'atp-cloud', failing, undefined);

  const { body } = await send(list, undefined, { role: 'auditor' });

  expect(body).toEqual({
    items: [
      {
        ...never,
        lastPollAt: '2026-03-01T12:00:00.000Z',
        lastGoodPollAt: '2026-03-01T11:59:00.000Z',
        error: { code: 'token-missing', message: 'Give a token.', since: '2026-03-01T12:00:00.000Z' },
        ...failing.counts,
        lossHeld: {
          since: '2026-03-01T11:59:00.000Z',
          pollId: 'atp-cloud-1',
          lost: 30,
          of: 40,
          approvedAt: null,
          rejectedAt: null,
        },
      },
    ],
  });
  expect((await send(list, undefined, { tenant: 'globex' })).body).toEqual({ items: [never] });
});

test('who may not read, and what is asked in vain, is refused', async () => {
  const { send } = hostDoors();

  expect(await send(list, undefined, { role: 'threat-sender' })).toMatchObject({ status: 403 });
  expect(await send(list, undefined, { query: { feed: 'atp-cloud' } })).toMatchObject({ status: 400 });
});
