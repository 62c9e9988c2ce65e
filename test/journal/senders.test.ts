import { type Concern, healthOf, type Sender } from '../../shared/journal/senders.ts';
import { concernsOf } from '../../shared/journal/tell-senders.ts';
import { hours, minutes, noon } from '../support/observations.ts';

const sender = (told: Partial<Sender> = {}): Sender => ({
  credentialId: 'credential-1',
  credentialName: 'clearpass',
  clientAddress: '203.0.113.9',
  sent: 10,
  refused: 0,
  lastAt: noon,
  acceptedAt: noon,
  beganAt: [],
  skewsMs: [],
  ...told,
});

/** Refused so often in a row, for so long, the last time so long before noon. */
const refused = (count: number, forMs: number, agoMs = 0) =>
  sender({
    lastAt: noon - agoMs,
    refused: count,
    refusal: { at: noon - agoMs, code: 'xml-malformed' },
    row: { count, since: noon - agoMs - forMs, firstCode: 'xml-malformed' },
  });

/** Began to send with these gaps between, the last time at noon. */
const withGaps = (...minutesBetween: number[]) => {
  const beganAt = [noon];
  for (const gap of minutesBetween) beganAt.push((beganAt.at(-1) ?? noon) - minutes(gap));
  return sender({ beganAt });
};

describe('a sender is deaf', () => {
  const rows: [string, Sender, 'deaf' | 'well'][] = [
    ['who was never refused', sender(), 'well'],
    ['who was refused once', refused(1, 0), 'well'],
    ['refused four times at once', refused(4, minutes(1)), 'well'],
    ['refused five times in a row', refused(5, 0), 'deaf'],
    ['refused twice, within less than ten minutes', refused(2, minutes(10) - 1), 'well'],
    ['refused twice, ten minutes apart', refused(2, minutes(10)), 'deaf'],
    ['refused often, but heard since', sender({ refused: 40, refusal: { at: noon - 1, code: 'busy' } }), 'well'],
    ['refused five times, and sending no more for nearly a day', refused(5, 0, hours(24) - 1), 'deaf'],
    ['refused five times, and sending no more for a day', refused(5, 0, hours(24)), 'well'],
  ];

  test.each(rows)('%s: it is %s', (_, each, expected) => {
    expect(healthOf(each, noon).concerns).toEqual(expected === 'deaf' ? ['deaf'] : []);
  });
});

describe('a sender is silent', () => {
  const rows: [string, Sender, number, 'silent' | 'well'][] = [
    ['that sent once', withGaps(), hours(100), 'well'],
    ['of which one gap is known', withGaps(10), hours(100), 'well'],
    ['after nearly three usual gaps', withGaps(10, 10), minutes(30) - 1, 'well'],
    ['after three usual gaps', withGaps(10, 10), minutes(30), 'silent'],
    ['that sends every minute, after three', withGaps(1, 1, 1), minutes(3), 'silent'],
    ['with one night among its gaps, after three of the usual ones', withGaps(5, 5, 720, 5, 5), minutes(15), 'silent'],
    ['whose gaps vary: four of five are not longer than its usual one', withGaps(1, 2, 3, 4, 60), minutes(11), 'well'],
    ['whose gaps vary, after three times the usual one', withGaps(1, 2, 3, 4, 60), minutes(12), 'silent'],
  ];

  test.each(rows)('%s', (_, each, after, expected) => {
    expect(healthOf(each, noon + after).concerns).toEqual(expected === 'silent' ? ['silent'] : []);
  });

  test('that is deaf as well is both', () => {
    const both = { ...refused(5, 0), beganAt: [noon, noon - minutes(1), noon - minutes(2)] };

    expect(healthOf(both, noon + minutes(3)).concerns).toEqual(['deaf', 'silent']);
  });
});

describe('the clock of a sender', () => {
  const rows: [string, number[], number | undefined, Concern[]][] = [
    ['of which nothing is known', [], undefined, []],
    ['a minute ahead', [60_000], 60_000, []],
    ['more than a minute ahead', [60_001], 60_001, ['clock-off']],
    ['more than a minute behind', [-60_001, -60_001], -60_001, ['clock-off']],
    ['that was off once', [3_600_000, 0, 10, 20, 30], 20, []],
    ['that is off mostly', [0, 90_000, 90_001, 90_002, 0], 90_000, ['clock-off']],
  ];

  test.each(rows)('%s', (_, skewsMs, typicalSkewMs, concerns) => {
    const health = healthOf(sender({ skewsMs }), noon);

    expect(health.typicalSkewMs).toBe(typicalSkewMs);
    expect(health.lastSkewMs).toBe(skewsMs[0]);
    expect(health.concerns).toEqual(concerns);
  });

  test('of a sender that has sent nothing for a day is nobody’s concern', () => {
    const gone = sender({ skewsMs: [99_999], lastAt: noon });

    expect(healthOf(gone, noon + minutes(24 * 60) - 1).concerns).toEqual(['clock-off']);
    expect(healthOf(gone, noon + minutes(24 * 60)).concerns).toEqual([]);
  });
});

test('the concerns of all senders are counted, none as none', () => {
  const senders = [refused(5, 0), refused(9, 0), sender({ skewsMs: [99_999] }), sender()];

  expect(concernsOf(senders, noon)).toEqual({
    DeafSenders: 2,
    SilentSenders: 0,
    SendersFallenSilent: 0,
    SendersWithClockOff: 1,
  });
  expect(concernsOf([], noon)).toEqual({
    DeafSenders: 0,
    SilentSenders: 0,
    SendersFallenSilent: 0,
    SendersWithClockOff: 0,
  });
});
