/** The first sentence about an endpoint, for everything that may have held it, freed it, or done neither. */
import type { Approval } from '../../shared/admission/approval.ts';
import type { Endpoint } from '../../shared/endpoints/endpoint.ts';
import type { EventLine } from '../../shared/journal/event-line.ts';
import { concludeEndpoint, type EndpointCode } from '../../shared/why/conclude-endpoint.ts';
import { aBlock, aHold, aLogin, endpointAfter } from '../support/endpoint-steps.ts';
import { anEventLine, laptop, printer } from '../support/log-lines.ts';
import { desk, minutes, noon } from '../support/observations.ts';

const operator = { kind: 'operator', name: 'soc' } as const;
const applied = anEventLine({ code: 'applied' });
const free = endpointAfter([0, aLogin()]);
const oneCleared = endpointAfter(
  [0, aBlock()],
  [1, aHold()],
  [2, { kind: 'cleared', hold: 'blocked', sender: operator, occurredAt: null }],
);
const received = {
  message: {
    event: 'quarantine-endpoint',
    endpointIp: desk,
    endpointMac: null,
    userName: null,
    severity: null,
    threatName: null,
    eventId: 'e',
    occurredAt: null,
  },
  client: 'pe',
  template: 't',
  receivedAt: noon,
};
const anApproval: Approval = {
  id: 'a1',
  openedAt: noon,
  reason: 'ambiguous-address',
  subject: { kind: 'message', received, macs: [laptop, printer] },
  state: 'open',
  mac: null,
  decidedAt: null,
  decidedBy: null,
  settledAt: null,
};
const waitingFor = endpointAfter([
  0,
  {
    kind: 'awaited',
    waiting: received,
  },
]);

// prettier-ignore
test.each<[string, EndpointCode, Endpoint | undefined, readonly EventLine[], RegExp, (readonly Approval[])?]>([
  ['a client quarantined it', 'quarantined', endpointAfter([0, aHold()]), [applied], /^00:11:22:33:ca:fe is quarantined as "Quarantine": the client "policy-enforcer" sent quarantine-endpoint 2026-03-01T12:00:00.000Z \(10 minutes ago\) \(threat "Eicar", severity high\); the policy "quarantine-infected" acted on it\.$/],
  ['it is blocked and quarantined', 'blocked', endpointAfter([0, aHold()], [1, aBlock()]), [], /is blocked: the client "policy-enforcer" sent block-endpoint .* One other reason stands beside it\.$/],
  ['a block was lifted and a quarantine stands', 'quarantined', oneCleared, [anEventLine({ code: 'cleared', sender: operator })], /is quarantined as "Quarantine"/],
  ['an operator blocked it for a time', 'blocked', endpointAfter([0, aBlock({ sender: operator, event: 'operator', policy: null, severity: null, threatName: null, until: noon + minutes(30), note: 'ticket 7' })]), [], /the operator "soc" did it by hand .* It ends by itself 2026-03-01T12:30:00.000Z \(in 20 minutes\)\. Its note: ticket 7$/],
  ['a quarantine is for its session', 'quarantined', endpointAfter([0, aLogin()], [1, aHold({ session: '198.51.100.10/session-1' })]), [], /It is for the session 198\.51\.100\.10\/session-1 only/],
  ['a feed lists it', 'blocked', endpointAfter([0, aBlock({ sender: { kind: 'feed', name: 'atp' }, policy: null })]), [], /the feed "atp" lists it \(block-endpoint\)/],
  ['its switch has not been told yet', 'blocked', endpointAfter([0, aLogin()], [1, aBlock()]), [], /The switch 198\.51\.100\.10 has yet to be told\.$/],
  ['an event waits for its login', 'waiting', waitingFor, [anEventLine({ state: 'pending' })], /is not held yet: quarantine-endpoint of "pe", .* waits for its next login/],
  ['what came may mean another too', 'held-for-approval', free, [anEventLine({ code: 'cleared' })], /quarantine-endpoint of "pe", which came .*, may mean it or 00:11:22:33:ca:ff, as both had 192\.0\.2\.50\. POST \/v1\/approvals\/a1\/approve says whom/, [anApproval]],
  ['a client cleared it', 'cleared', free, [anEventLine({ code: 'cleared', event: 'clear-quarantine-endpoint' }), applied], /is not held: the client "policy-enforcer" cleared it 2026-03-01T12:00:00.000Z/],
  ['an operator cleared it', 'cleared', free, [anEventLine({ code: 'cleared', sender: operator })], /the operator "soc" cleared it/],
  ['a clear of nothing came after the clear', 'cleared', free, [anEventLine({ state: 'ignored', code: 'nothing-to-clear' }), anEventLine({ code: 'cleared' })], /cleared it/],
  ['an operator told its address after the clear', 'cleared', free, [anEventLine({ code: 'updated', event: 'operator-address', sender: operator }), anEventLine({ code: 'cleared' })], /cleared it/],
  ['its time ended', 'released', free, [anEventLine({ state: 'released', code: 'released', sender: { kind: 'postern', name: null }, message: 'The quarantine of 30 minutes is over.' }), applied], /its hold ended by itself .* The quarantine of 30 minutes is over\.$/],
  ['its session ended', 'hold-over', free, [applied], /that of the client "policy-enforcer" of .* is over, as its time or its session is/],
  ['what came is held for approval', 'held-for-approval', free, [anEventLine({ state: 'held-for-approval', code: 'allow-list', message: 'It is on the allow list.' })], /waits for approval\. It is on the allow list\. GET \/v1\/approvals lists it/],
  ['no policy matched', 'not-applied', free, [anEventLine({ state: 'ignored', code: 'no-policy', message: 'No policy matches.' })], /was not applied \(ignored, no-policy\)\. No policy matches\.$/],
  ['what came was older than its newer word', 'not-applied', free, [anEventLine({ state: 'stale', code: 'stale' })], /was not applied \(stale, stale\)/],
  ['a replay of a clear came', 'cleared', free, [anEventLine({ state: 'replay', code: 'replay' }), anEventLine({ code: 'cleared' })], /cleared it/],
  ['nothing ever came', 'never-held', free, [], /is not held, and no event about it is in the log/],
  ['nobody knows it', 'never-heard-of', undefined, [], /^Nobody ever told of 00:11:22:33:ca:fe/],
  ['nobody knows it, and a clear came', 'never-heard-of', undefined, [anEventLine({ state: 'ignored', code: 'nothing-to-clear' })], /^Nobody ever told of/],
  ['nobody knows it, and an event was refused', 'not-applied', undefined, [anEventLine({ state: 'refused', code: 'event-unknown' })], /was not applied \(refused, event-unknown\)/],
])('%s: %s', (_, code, endpoint, events, answer, approvals = []) => {
  const conclusion = concludeEndpoint({ mac: laptop, now: noon + minutes(10), endpoint, events, approvals });

  expect(conclusion.code).toBe(code);
  expect(conclusion.answer).toMatch(answer);
});
