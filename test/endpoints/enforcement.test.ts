/** How far a hold has come to the switches, for everything that a change of authorization may have met. */
import { enforcementOf } from '../../shared/endpoints/enforcement.ts';
import type { ChangeAnswer, EndpointEvent } from '../../shared/endpoints/events.ts';
import { aBlock, aHold, aLogin, endpointAfter } from '../support/endpoint-steps.ts';
import { noon } from '../support/observations.ts';

type Step = readonly [afterMs: number, event: EndpointEvent];

const taken: EndpointEvent = {
  kind: 'change-taken',
  changeId: 'change-1',
  leaseMs: 30_000,
  detail: 'radius.example.net',
};
const answered = (answer: Partial<ChangeAnswer>): EndpointEvent => ({
  kind: 'change-answered',
  changeId: 'change-1',
  answer: { result: 'ack', errorCause: null, roundTripMs: 12, detail: null, ...answer },
});
const held: readonly Step[] = [
  [0, aLogin()],
  [1, aHold()],
];

test.each<[string, string, readonly Step[], RegExp]>([
  ['nothing holds it', 'not-applicable', [[0, aLogin()]], /not held/],
  ['it is held and nowhere', 'not-applicable', [[0, aBlock()]], /No session is open: the next login is held/],
  ['its switch has not been told', 'pending', held, /198\.51\.100\.10 has yet to be told/],
  ['its switch is being told', 'pending', [...held, [2, taken]], /sent once/],
  ['its switch acknowledged', 'acknowledged', [...held, [2, taken], [3, answered({})]], /has acknowledged/],
  [
    'its switch refused',
    'failed',
    [...held, [2, taken], [3, answered({ result: 'nak', errorCause: 501 })]],
    /with Error-Cause 501 \(radius\.example\.net\)\. See that it takes dynamic requests/,
  ],
  [
    'its switch refused without a cause',
    'failed',
    [...held, [2, taken], [3, answered({ result: 'nak' })]],
    /without an Error-Cause/,
  ],
  [
    'its switch was silent',
    'failed',
    [...held, [2, taken], [3, answered({ result: 'timeout', detail: 'no answer in 3 s' })]],
    /did not answer, sent once \(no answer in 3 s\)/,
  ],
  [
    'its switch does not know the session',
    'acknowledged',
    [...held, [2, taken], [3, answered({ result: 'nak', errorCause: 503 })]],
    /Its session is over since/,
  ],
  [
    'it logged in again, into quarantine',
    'acknowledged',
    [...held, [2, taken], [3, answered({})], [4, aLogin({ granted: { access: 'quarantined', role: 'Quarantine' } })]],
    /told at the login/,
  ],
  [
    'the clear has not come to its switch',
    'pending',
    [
      [0, aHold()],
      [1, aLogin({ granted: { access: 'quarantined', role: 'Quarantine' } })],
      [2, { kind: 'cleared', hold: 'all', sender: { kind: 'operator', name: 'o' }, occurredAt: null }],
    ],
    /has yet to be told/,
  ],
])('%s: %s', (_, state, steps, reason) => {
  const enforcement = enforcementOf(endpointAfter(...steps), noon + 5);

  expect(enforcement.state).toBe(state);
  expect(enforcement.reason).toMatch(reason);
});

test('of two sessions the worse one is told', () => {
  const endpoint = endpointAfter(
    [0, aLogin()],
    [1, aLogin({ acctSessionId: 'session-2', port: 'ge-0/0/2', loginId: 'login-2' })],
    [2, aHold()],
    [3, taken],
    [4, answered({ result: 'timeout' })],
  );

  expect(enforcementOf(endpoint, noon + 5).state).toBe('failed');
});

test('a session that is lost is not let go of before its switch has acknowledged', () => {
  const dayMs = 24 * 3_600_000;
  const silent = answered({ result: 'timeout', detail: 'no answer in 3 s' });
  const lost = endpointAfter(...held, [2, taken], [3, silent], [2 * dayMs, { kind: 'terminated', session: 'another' }]);

  expect(lost.changes).toMatchObject([{ state: 'timed-out' }]);
  expect(enforcementOf(lost, noon + 3 * dayMs)).toMatchObject({ state: 'failed' });
  const told = endpointAfter(...held, [2, taken], [3, silent], [2 * dayMs, taken], [2 * dayMs + 1, answered({})]);
  expect(enforcementOf(told, noon + 3 * dayMs)).toMatchObject({ state: 'acknowledged' });
});
