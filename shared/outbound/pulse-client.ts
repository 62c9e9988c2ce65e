/** Tells a Pulse Policy Secure of threats: logs in for an API key, and sends one event after another. */
import type { Enforcement, Enforcer, OpenConnector } from '../connectors/enforcer.ts';
import { type Became, becameOf } from '../wire/pulse/became.ts';
import { wordsIn } from '../wire/pulse/envelope.ts';
import { eventsBetween, severityOf, type ThreatEvent } from '../wire/pulse/threat-event.ts';
import type { Connection, Reach, Received } from './connection-client.ts';
import { asJson, basic, enforce, isDone, jsonIn, NotDone, tellsNothing, type Talk, type Verdict, verdictOf } from './enforcing-client.ts'; // prettier-ignore
import { loggedIn } from './logged-in-client.ts';
import { loginOf, type Logins } from './logins.ts';

export const pulseEnforcer = (reach: Reach, logins: Logins, now: () => number): Enforcer => ({
  keeps: 'devices-and-addresses',
  test: async (connector) =>
    enforce(reach, connector, async (talk) => {
      const path = '/api/v1/system/active-users?number=1';
      return verdictOn(await sender(talk, logins)({ method: 'GET', path, headers: { accept: 'application/json' } }));
    }),
  apply: async (connector, what) =>
    enforce(reach, connector, async (talk) => {
      const send = sender(talk, logins);
      const details: string[] = [];
      for (const event of eventsOf(what)) {
        const verdict = await tell(send, event, { attempt: what.attempt, now });
        if (verdict.outcome !== 'acknowledged') return { ...verdict, detail: `${event.event}: ${verdict.detail}` };
        details.push(`${event.event}: ${verdict.detail}`);
      }
      return { outcome: 'acknowledged', detail: details.join('; ') };
    }),
  read: tellsNothing,
});

/**
 * Clears name no threat: whatever we have had the address held for is over. Nor do they name a device: what was held
 * through the address is freed, whoever has it by now.
 */
function eventsOf({ id, ip, mac, wanted, former, level, threatName, occurredAt }: Enforcement): readonly ThreatEvent[] {
  const events = eventsBetween(former, wanted);
  return events.map((event) => ({
    event,
    endpointIp: ip,
    ...(mac !== null && !isClear(event) && { endpointMac: mac }),
    severity: severityOf(level),
    ...(threatName !== null && !isClear(event) && { threatName }),
    eventId: events.length === 1 ? id : `${id}-${event}`,
    occurredAt: new Date(occurredAt).toISOString(),
  }));
}

const isClear = (event: string) => event.startsWith('clear-');

/**
 * One event; and once more under another id where the answer was that of an attempt before it which was not done yet, or
 * where something newer was done before. Only who is sure to mean the same device may say it as of now.
 */
async function tell(
  send: Connection['send'],
  event: ThreatEvent,
  { attempt, now }: { readonly attempt: number; readonly now: () => number },
): Promise<Verdict> {
  const put = async (told: ThreatEvent) => {
    const received = await send({ method: 'POST', path: '/api/v1/admission-control/events', ...asJson(told) });
    return { received, ...becameOf(jsonIn(received)) };
  };
  const first = await put(event);
  const { became, isReplay } = first;
  const isOld = became === 'stale' || (isReplay && (became === 'pending' || became === 'unknown'));
  if (!isDone(first.received) || !isOld) return verdictOnEvent(first, event);
  const isOfOne = isClear(event.event) || event.endpointMac !== undefined;
  const occurredAt = became === 'stale' && isOfOne ? new Date(now()).toISOString() : event.occurredAt;
  return verdictOnEvent(await put({ ...event, eventId: `${event.eventId}-${attempt}`, occurredAt }), event);
}

function verdictOnEvent(
  { received, became }: { readonly received: Received; readonly became: Became },
  { event, endpointMac }: ThreatEvent,
): Verdict {
  const verdict = verdictOn(received);
  const words = verdict.detail;
  if (verdict.outcome !== 'acknowledged') return verdict;
  switch (became) {
    case 'done':
      return verdict;
    case 'nothing-to-clear':
      return isClear(event) ? verdict : { outcome: 'refused', detail: `It did nothing. It says: ${words}` };
    case 'pending':
      return { outcome: 'failed', detail: `It waits there, and is not done yet. It says: ${words}` };
    case 'held-for-approval':
      return { outcome: 'refused', detail: `It waits there for somebody to approve it. It says: ${words}` };
    case 'ignored':
      return { outcome: 'refused', detail: `It did nothing. Mend its policies or lists, if it should. It says: ${words}` }; // prettier-ignore
    case 'stale':
      return { outcome: isClear(event) || endpointMac !== undefined ? 'failed' : 'refused', detail: `It has done something newer, and so not this. It says: ${words}` }; // prettier-ignore
    case 'unknown':
      return { outcome: 'refused', detail: `It does not say in words of ours whether it has done it. It says: ${words}` }; // prettier-ignore
  }
}

function sender({ connector, connection }: Talk, logins: Logins): Connection['send'] {
  return loggedIn({
    connection,
    logins,
    login: loginOf(connector),
    logIn: async () => logIn(connection, connector),
    authorization: (key) => basic(key, ''),
  });
}

/** How long a key lives at most; one that ends before is asked for anew once it is refused. */
const lifetimeMs = 12 * 60 * 60 * 1_000;

async function logIn(connection: Talk['connection'], connector: OpenConnector) {
  let received = await keyFor(connection, connector, connector.password);
  const refused = received;
  if (refused.status === 401) {
    for await (const former of connector.formerSecrets()) {
      received = await keyFor(connection, connector, former);
      if (received.status !== 401) break;
    }
  }
  if (!isDone(received)) throw new NotDone(verdictOn(received));
  const key = keyIn(jsonIn(received));
  if (key === undefined)
    throw new NotDone({ outcome: 'refused', detail: 'It let us in without a key that can be read.' });
  return { key, lifetimeMs };
}

async function keyFor(connection: Talk['connection'], { username, settings }: OpenConnector, password: string) {
  const authorization = basic(username, password);
  const { realm = '' } = settings;
  if (realm === '') {
    return connection.send({ method: 'GET', path: '/api/v1/auth', headers: { accept: 'application/json', authorization } }); // prettier-ignore
  }
  const { headers, body } = asJson({ realm });
  return connection.send({ method: 'POST', path: '/api/v1/realm_auth', headers: { ...headers, authorization }, body });
}

/** What fits into a header, and needs no further telling apart from a password. */
const keyForm = /^[\x21-\x39\x3b-\x7e]{1,1024}$/;

function keyIn(answer: unknown): string | undefined {
  const { api_key: key } = (answer ?? {}) as { readonly api_key?: unknown };
  return typeof key === 'string' && keyForm.test(key) ? key : undefined;
}

const mends = {
  401: 'It does not take user and password. Set them again.',
  403: 'Its user may not do this. Switch "Allow access to REST APIs" on for it, and let it have us as a client.',
  404: 'It has no such API. Check address and port.',
  422: 'It cannot do anything with what we say. Check the realm, and that its client for us has the template of Policy Enforcer.',
};

const verdictOn = (received: Received) => verdictOf(received, { mends, words: wordsIn(jsonIn(received)) });
