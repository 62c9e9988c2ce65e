import type { FirewallHour } from '../../shared/threat-logs/log-table.ts';
import { firewallsMeasured, habitMs } from '../../shared/threat-logs/watch-firewalls.ts';
import { minutes, noon } from '../support/observations.ts';

const counts = [{ tag: null, became: 'filtered', lines: 1 }] as const;
/** Heard last in each of these hours, so many minutes after noon. */
const heard = (firewall: string | null, ...after: readonly number[]): FirewallHour[] =>
  after.map((each) => ({ firewall, counts, heardAt: noon + minutes(each) }));
const allTheTime = (firewall: string) => heard(firewall, -130, -70, -1, 10);

test.each<[string, readonly FirewallHour[], number, number]>([
  ['that was heard a moment ago', allTheTime('fw-1'), 11, 0],
  ['that was heard all the time, within the hour', allTheTime('fw-1'), 69, 0],
  ['that was heard all the time, after an hour', allTheTime('fw-1'), 70, 1],
  ['that was, and has not been for two: that is no news', allTheTime('fw-1'), 130, 0],
  ['that tells now and then, with an hour left out', heard('fw-1', -130, -1, 10), 80, 0],
  ['that was heard for three hours only', heard('fw-1', -70, -1, 10), 80, 0],
])('a firewall %s', (_, hours, after, fallen) => {
  expect(firewallsMeasured(hours, noon + minutes(after))).toEqual({ FirewallsFallenSilent: fallen });
});

test('each is looked at by itself', () => {
  const hours = [...allTheTime('fw-1'), ...allTheTime('fw-2'), ...heard('fw-3', 75)];

  expect(firewallsMeasured(hours, noon + minutes(80))).toEqual({ FirewallsFallenSilent: 2 });
});

test('where none was heard, nothing is measured: not of lines that name none, nor of what was sent of old ones', () => {
  const sent: FirewallHour = { firewall: 'fw-1', counts: [{ tag: 'RT_SCREEN_IP', became: 'sent', lines: 1 }], heardAt: null }; // prettier-ignore

  expect(firewallsMeasured([...heard(null, -130, -70, -1, 10), sent], noon + minutes(80))).toEqual({});
});

test('what has to be read reaches back to the first hour of the habit, at the last moment of the silence', () => {
  const first = -4 * 60 + 10; // the first hour in a row begins no earlier
  expect(noon + minutes(10 + 120) - habitMs).toBeLessThanOrEqual(noon + minutes(first));
});
