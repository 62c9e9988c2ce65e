/** A switch that says that it let go of a session and does not, or says nothing for hours: told again, ever later, and reported. */
import { operationsOfEndpoint } from '../../shared/connectors/any-operation.ts';
import { isUnsettled, nextChange, nextChangeAt } from '../../shared/endpoints/changes.ts';
import { newRepairs, repairLine } from '../../shared/endpoints/edge-drift.ts';
import { enforcementOf } from '../../shared/endpoints/enforcement.ts';
import type { ChangeAnswer } from '../../shared/endpoints/events.ts';
import { accessSwitch, aClear, aHold, aLogin, aRecord, endpointInTime, laptop } from '../support/endpoints.ts';
import { hours, minutes, noon } from '../support/observations.ts';

const yes: ChangeAnswer = { result: 'ack', errorCause: null, roundTripMs: 3, detail: null };
const no = (errorCause: number): ChangeAnswer => ({ ...yes, result: 'nak', errorCause });
const silence: ChangeAnswer = { result: 'timeout', errorCause: null, roundTripMs: null, detail: null };

/** A quarantined endpoint with a session of full access, and its clock. */
function quarantined() {
  const endpoint = endpointInTime();
  let now = noon;
  const follow = (event: Parameters<typeof endpoint.follow>[0]) => endpoint.follow(event, now);
  follow({ kind: 'authenticated', login: aLogin() });
  follow({ kind: 'accounted', record: aRecord() });
  follow(aHold({ hold: 'quarantined', role: 'Quarantine' }));
  return {
    follow,
    now: () => now,
    is: endpoint.is,
    later: (ms: number) => {
      now += ms;
    },
    /** Whatever is due is sent, and the switch says so. Whether there was anything. */
    told(answer: ChangeAnswer): 'told' | 'nothing' {
      const change = nextChange(endpoint.is(), now);
      if (change === undefined) return 'nothing';
      follow({ kind: 'change-taken', changeId: change.id, leaseMs: 15_000, detail: 'radius.example.net' });
      now += 1_000;
      follow({ kind: 'change-answered', changeId: change.id, answer });
      return 'told';
    },
    /** The session is alive. */
    heard: () => follow({ kind: 'accounted', record: aRecord({ status: 'interim', instant: now }) }),
    newest: () => endpoint.is().changes[0],
    waits: () => (nextChangeAt(endpoint.is(), now) ?? Infinity) - now,
  };
}

test('a session that goes on although its switch acknowledged its end is told again, and that is an operation of its own', () => {
  const edge = quarantined();
  edge.told(yes);
  edge.later(minutes(1));
  const { endpoint } = edge.heard();

  expect(operationsOfEndpoint(endpoint)).toMatchObject([
    { state: 'requested', why: 'drift', wanted: 'quarantined', role: 'Quarantine', detail: expect.stringContaining('went on') as string }, // prettier-ignore
    { state: 'acknowledged', why: 'held' },
  ]);
  expect(enforcementOf(endpoint, edge.now())).toMatchObject({ state: 'pending', reason: expect.stringContaining('told again, for the first time') as string }); // prettier-ignore
  edge.told(yes);
  edge.follow({ kind: 'accounted', record: aRecord({ status: 'stop', instant: edge.now() }) });
  expect(edge.is().changes.filter(isUnsettled)).toEqual([]);
});

test('a session that its switch knew no more and tells of again is told again too', () => {
  const edge = quarantined();
  edge.told(no(503));
  expect(edge.is().sessions).toMatchObject([{ endedBy: 'gone' }]);
  edge.later(minutes(1));
  edge.heard();

  expect(edge.is().sessions).toMatchObject([{ endedAt: null }]);
  expect(edge.newest()).toMatchObject({ state: 'pending', repairs: 1 });
});

test('a record that was on its way when the switch answered is no sign that the session goes on', () => {
  const edge = quarantined();
  edge.told(yes);
  edge.later(10_000);
  edge.heard();

  expect(edge.is().changes).toHaveLength(1);
});

test('a switch that says yes for ever and does nothing is told once an hour, and the report says what to see to', () => {
  const edge = quarantined();
  edge.told(yes);
  let tellings = 0;
  for (let minute = 0; minute < 24 * 60; minute += 1) {
    edge.later(minutes(1));
    edge.heard();
    if (edge.told(yes) === 'told') tellings += 1;
  }

  expect(tellings).toBeGreaterThan(20);
  expect(tellings).toBeLessThan(27);
  edge.later(minutes(1));
  const { endpoint } = edge.heard();
  expect(enforcementOf(endpoint, edge.now())).toMatchObject({ state: 'failed', reason: expect.stringMatching(/for the 2\dth time\. See that its "make"/) as string }); // prettier-ignore
  expect(operationsOfEndpoint(endpoint)[0]).toMatchObject({ why: 'drift', state: 'requested', mend: expect.stringContaining('make') as string }); // prettier-ignore
});

test.each([
  ['refuses', no(506)],
  ['is silent', silence],
])('one that %s for ever is asked every five minutes at first, and then once an hour', (_, answer) => {
  const edge = quarantined();
  const waits: number[] = [];
  for (let attempt = 0; attempt < 15; attempt += 1) {
    edge.told(answer);
    waits.push(edge.waits());
    edge.later(edge.waits());
  }

  expect(waits.slice(0, 3)).toEqual([5_000, 10_000, 20_000]);
  expect(waits.slice(6)).toEqual([...Array<number>(6).fill(minutes(5)), hours(1), hours(1), hours(1)]);
});

test('one that was silent for hours is asked soon once it tells of the session, and one that refuses is not', () => {
  for (const [answer, longest] of [
    [silence, minutes(5)],
    [no(506), hours(1)],
  ] as const) {
    const edge = quarantined();
    for (let attempt = 0; attempt < 15; attempt += 1) {
      edge.later(edge.waits());
      edge.told(answer);
    }
    expect(edge.waits()).toBe(hours(1));
    edge.later(minutes(1));
    edge.heard();

    expect(edge.waits()).toBe(longest - minutes(1));
  }
});

test('what is wanted now is told anew, and is no repair', () => {
  const edge = quarantined();
  edge.told(yes);
  edge.later(minutes(1));
  edge.heard();
  edge.follow(aHold({ hold: 'blocked' }));

  expect(edge.is().changes.filter(isUnsettled)).toMatchObject([{ wanted: { access: 'blocked' } }]);
  expect(edge.newest()).not.toHaveProperty('repairs');
  edge.follow(aClear({ hold: 'blocked' }));
  edge.follow(aClear({ hold: 'quarantined' }));
  expect(edge.is().changes.filter(isUnsettled)).toEqual([]);
});

test('a repair has one line in the event log, which names the switch, the session’s access and what it is to be', () => {
  const edge = quarantined();
  edge.told(yes);
  edge.later(minutes(1));
  const before = edge.is();
  const { endpoint } = edge.heard();
  const [repair, ...others] = newRepairs(before, endpoint);

  expect(others).toEqual([]);
  expect(newRepairs(endpoint, endpoint)).toEqual([]);
  expect(repair && repairLine(endpoint, repair)).toMatchObject({
    id: `${repair?.id ?? ''}-drift-repaired`,
    code: 'drift-repaired',
    mac: laptop,
    action: 'quarantine',
    role: 'Quarantine',
    changes: [repair?.id],
    message: expect.stringMatching(`^The switch ${accessSwitch} said .* full access where it is to have quarantined: it is told again now\\.$`) as string, // prettier-ignore
  });
});
