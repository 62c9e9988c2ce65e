import { logStatus, silentAfterMs } from '../../shared/threat-logs/log-status.ts';
import type { FirewallHour, LogCount } from '../../shared/threat-logs/log-table.ts';
import { fakeLogCounts } from '../support/fake-threat-logs.ts';
import { acme, globex, hours, minutes, noon } from '../support/observations.ts';

const tag = 'RT_SCREEN_TCP';
const count = (became: LogCount['became'], lines: number, more: Partial<LogCount> = {}): LogCount => ({ firewall: 'fw-1', tag, became, lines, ...more }); // prettier-ignore
const anHour = (firewall: string | null, heardAt: number | null, ...counts: readonly LogCount[]): FirewallHour => ({ firewall, heardAt, counts }); // prettier-ignore

test('by firewall and tag, in each of them and in total, everything that came in became something', () => {
  const accepted = [count('accepted', 9), count('sent', 3), count('undeliverable', 1), count('given-up', 2)];
  const faulty = [count('malformed', 1, { fault: 'no-structured-data' }), count('malformed', 2, { fault: 'structured-data-cut-off' })]; // prettier-ignore
  const told = logStatus(
    [
      anHour('fw-1', noon, ...accepted, count('rate-limited', 5), ...faulty, count('filtered', 7, { tag: null })),
      anHour(null, noon, count('malformed', 4, { tag: null, fault: 'no-header' })),
    ],
    noon,
  );

  const ofTag = {
    received: 17,
    accepted: 9,
    rateLimited: 5,
    malformed: 3,
    faults: [{ reason: 'structured-data-cut-off', lines: 2 }, { reason: 'no-structured-data', lines: 1 }], // prettier-ignore
    sent: 3,
    undeliverable: 1,
    givenUp: 2,
    waiting: 3,
  };
  const [ofOne, ofNobody] = told.firewalls;
  expect(ofOne).toEqual({ firewall: 'fw-1', lastHeardAt: noon, isSilent: false, ...ofTag, received: 24, filtered: 7, tags: [{ tag, ...ofTag }] }); // prettier-ignore
  expect(ofNobody).toMatchObject({ firewall: null, received: 4, malformed: 4, faults: [{ reason: 'no-header', lines: 4 }], tags: [] }); // prettier-ignore
  expect(told.total).toEqual({ ...ofTag, received: 28, filtered: 7, malformed: 7, faults: [{ reason: 'no-header', lines: 4 }, ...ofTag.faults] }); // prettier-ignore
});

test('what an earlier hour left, and goes out now, hides nothing of what waits now', async () => {
  const counts = fakeLogCounts();
  for (const tenant of [acme, globex]) await counts.add(tenant, [count('accepted', 900)], noon - minutes(30));
  await counts.add(acme, [count('accepted', 1_000)], noon + minutes(5));
  await counts.add(acme, [count('sent', 900)], noon - minutes(30)); // at whatever time they went out

  const waitingOf = async (tenant: typeof acme, since: number) => logStatus(await counts.since(tenant, since), noon).total.waiting; // prettier-ignore
  expect([await waitingOf(acme, noon), await waitingOf(acme, noon - hours(1))]).toEqual([1_000, 1_000]);
  expect([await waitingOf(globex, noon), await waitingOf(globex, noon - hours(1))]).toEqual([0, 900]);
});

test('what was given up does not wait, until it is sent again after all', async () => {
  const counts = fakeLogCounts();
  for (const tenant of [acme, globex]) await counts.add(tenant, [count('accepted', 10), count('given-up', 8)], noon);
  const totalOf = async (tenant: typeof acme) => logStatus(await counts.since(tenant, noon), noon).total;

  expect(await totalOf(acme)).toMatchObject({ sent: 0, givenUp: 8, waiting: 2 });
  await counts.add(acme, [count('sent', 5), count('given-up', -5)], noon);

  expect(await totalOf(acme)).toMatchObject({ sent: 5, givenUp: 3, waiting: 2 });
  expect(await totalOf(globex)).toMatchObject({ sent: 0, givenUp: 8, waiting: 2 });
});

test('what was counted twice, or not at all, makes no number that there cannot be', () => {
  const told = logStatus([anHour('fw-1', noon, count('accepted', 5), count('sent', 8), count('given-up', -2))], noon);

  expect(told.total).toMatchObject({ accepted: 5, sent: 8, givenUp: 0, waiting: 0 });
});

test('a firewall all of whose threats are cut off is heard, and is told with what is wrong', () => {
  const cutOff = anHour('fw-1', noon, count('malformed', 3, { fault: 'structured-data-cut-off' }));
  const statusAt = (now: number) => logStatus([cutOff], now).firewalls;

  expect(statusAt(noon + silentAfterMs - 1)).toMatchObject([{ firewall: 'fw-1', isSilent: false, malformed: 3, tags: [{ tag, malformed: 3 }] }]); // prettier-ignore
  expect(statusAt(noon + silentAfterMs)).toMatchObject([{ isSilent: true }]);
});
