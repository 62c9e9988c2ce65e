/** Messages that wait for a login: each client's are its own, and what has waited is not too late for it. */
import { accessOf } from '../../shared/endpoints/holds.ts';
import type { ThreatMessage } from '../../shared/endpoints/endpoint.ts';
import type { EndpointEvent } from '../../shared/endpoints/events.ts';
import { aClear, aHold, aMessage, blockedAccess, endpointInTime, enforcer } from '../support/endpoints.ts';
import { minutes, noon } from '../support/observations.ts';

const waiting = (client: string, told: Partial<ThreatMessage> = {}) => ({
  client,
  template: 'sensor',
  receivedAt: noon,
  message: aMessage(told),
});
const awaited = (...told: Parameters<typeof waiting>): EndpointEvent => ({
  kind: 'awaited',
  waiting: waiting(...told),
});

test('two clients may give one id, and neither takes the other’s message away', () => {
  const { follow, is } = endpointInTime();
  follow(awaited('scanner', { eventId: '4711' }));
  follow(awaited('sensor', { eventId: '4711' }));
  expect(is().waiting.map(({ client }) => client)).toEqual(['scanner', 'sensor']);

  follow({ kind: 'settled', waiting: waiting('sensor', { eventId: '4711' }) });
  expect(is().waiting.map(({ client }) => client)).toEqual(['scanner']);
});

test('a client that repeats itself without end pushes out its own oldest alone', () => {
  const { follow, is } = endpointInTime();
  follow(awaited('sensor', { eventId: 'only' }));
  for (let count = 0; count < 40; count += 1) follow(awaited('scanner', { eventId: `${count}` }));

  expect(is().waiting.filter(({ client }) => client === 'sensor')).toHaveLength(1);
  expect(
    is()
      .waiting.filter(({ client }) => client === 'scanner')
      .map(({ message }) => message.eventId),
  ).toEqual(Array.from({ length: 16 }, (_, index) => `${24 + index}`));
});

test('what has waited is no older than what its client said meanwhile of something else', () => {
  const { follow, is } = endpointInTime();
  const occurredAt = noon - minutes(5);
  follow(awaited(enforcer.name, { eventId: 'event-1', occurredAt }));
  follow(aClear({ hold: 'quarantined', occurredAt: noon }));
  follow(awaited(enforcer.name, { eventId: 'event-1', occurredAt }));

  expect(follow(aHold({}, occurredAt)).outcome).toBe('applied');
  expect(accessOf(is(), noon)).toEqual(blockedAccess);
  expect(follow(aHold({ eventId: 'event-2', threatName: 'another' }, occurredAt)).outcome).toBe('stale');
});
