import { hoursIn } from '../../functions/receive-threat-logs/query.ts';
import { statusAnswer } from '../../functions/receive-threat-logs/answer.ts';
import { defaults } from '../../shared/configuration/configuration.ts';
import { logStatus } from '../../shared/threat-logs/log-status.ts';
import { lineFaults, type FirewallHour } from '../../shared/threat-logs/log-table.ts';
import { threatTags, type ThreatTag } from '../../shared/threat-logs/threat-tag.ts';
import { hours, noon } from '../support/observations.ts';

/** What a function may answer, as API Gateway is handed it. */
const mostBytes = 6 * 1_024 * 1_024;

const tags = Object.keys(threatTags) as ThreatTag[];
const everyFault = tags.flatMap((tag) => lineFaults.map((fault) => ({ tag, became: 'malformed', fault, lines: 1e15 }) as const)); // prettier-ignore
const hoursOf = (names: readonly string[], counts: FirewallHour['counts']): FirewallHour[] =>
  names.map((firewall, index) => ({ firewall, heardAt: noon - index, counts }));

const firewallsTold = (hours: readonly FirewallHour[]) => {
  const answer = statusAnswer(defaults.threatLogs, noon, logStatus(hours, noon), null);
  const { firewalls, unlisted } = JSON.parse(answer.body) as { firewalls: { firewall: string }[]; unlisted: number }; // prettier-ignore
  return { firewalls: firewalls.map(({ firewall }) => firewall), unlisted, bytes: Buffer.byteLength(JSON.stringify(answer)) }; // prettier-ignore
};

test('a status of as many firewalls as there may be fits an answer, whatever they call themselves; those heard last are listed', () => {
  const names = Array.from({ length: 3_600 }, (_, index) => `${index}${'\u0001"'.repeat(125)}`);

  const { firewalls, unlisted, bytes } = firewallsTold(hoursOf(names, everyFault));

  expect(bytes).toBeLessThan(mostBytes);
  expect(firewalls.length).toBeGreaterThan(200);
  expect(firewalls).toEqual(names.slice(0, firewalls.length));
  expect(unlisted).toBe(3_600 - firewalls.length);
});

test('three thousand firewalls that tell of two kinds of threats each are all listed', () => {
  const names = Array.from({ length: 3_000 }, (_, index) => `firewall-${index}.branch.example.net`);

  const { firewalls, unlisted } = firewallsTold(hoursOf(names, tags.slice(0, 2).map((tag) => ({ tag, became: 'accepted', lines: 1_000 })))); // prettier-ignore

  expect([firewalls.length, unlisted]).toEqual([3_000, 0]);
});

test('a receiver that takes nothing is told with its reason', () => {
  const failure = { since: noon - 60_000, at: noon, reason: 'receiver-stalled' };

  const { body } = statusAnswer(defaults.threatLogs, noon, logStatus([], noon), failure);

  expect(JSON.parse(body)).toMatchObject({ failing: { since: '2026-03-01T11:59:00.000Z', lastTried: '2026-03-01T12:00:00.000Z', reason: 'receiver-stalled' } }); // prettier-ignore
});

test.each([
  [undefined, 23],
  ['1', 0],
  ['48', 47],
])('%s hours begin so many full hours ago: %d', (text, ago) => {
  expect(hoursIn(text, noon + 1)).toBe(noon - hours(ago));
});

test.each(['0', '00', '49', '-1', '1.5', '', 'x', '100'])('%j is no number of hours', (text) => {
  expect(() => hoursIn(text, noon)).toThrow('"hours" is a whole number from 1 to 48.');
});
