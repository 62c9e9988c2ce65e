/** Applies and clears the ANC policies of a Cisco ISE, over its ERS API. */
import type { Enforcement, Enforcer, OpenConnector } from '../connectors/enforcer.ts';
import type { Wanted } from '../infected-hosts/host.ts';
import { applyPath, clearPath, deviceIn, devicePath, devicesPath, idsIn, macAsIse, meaningOf, operation, policyPath, titlesIn, totalIn } from '../wire/ise/anc.ts'; // prettier-ignore
import type { Reach, Received, Sent } from './connection-client.ts';
import { asJson, basic, enforce, isDone, jsonIn, NotDone, readBy, type Talk, type Verdict, verdictOf } from './enforcing-client.ts'; // prettier-ignore

export const iseEnforcer = (reach: Reach): Enforcer => ({
  keeps: 'devices',
  test: async (connector) => enforce(reach, connector, testPolicies),
  apply: async (connector, what) => enforce(reach, connector, async (talk) => put(talk, what)),
  read: async (connector, { mac }) => readBy(reach, connector, async (talk) => stateOf(talk, mac)),
});

async function testPolicies(talk: Talk): Promise<Verdict> {
  const { send } = sender(talk);
  const names = Object.values(policies(talk.connector));
  for (const name of names) {
    const received = await send({ method: 'GET', path: policyPath(name), headers: {} });
    if (received.status === 404) {
      return { outcome: 'refused', detail: `It has no ANC policy "${name}". Make it there, or name another in the settings.` }; // prettier-ignore
    }
    if (!isDone(received)) return verdictOn(received);
  }
  return {
    outcome: 'acknowledged',
    detail: `It has the ANC policies ${names.map((name) => `"${name}"`).join(' and ')}.`,
  };
}

/** Only our two policies are ever taken away: what somebody else has given a device is somebody else's to take back. */
async function put(talk: Talk, { ip, mac, wanted, former }: Enforcement): Promise<Verdict> {
  if (mac === null) return wanted === 'free' ? nothingHeld : unknownDevice(ip);
  const { send } = sender(talk);
  const names = policies(talk.connector);
  const found = await policyOf(talk, mac);
  const isOthers = found !== null && found !== unread && !Object.values(names).includes(found);
  const others = `${mac} has the ANC policy "${String(found)}", which is none of this connector's two and stays.`;
  const clear = async () => send({ method: 'PUT', path: clearPath, ...asJson(operation(mac)) });
  if (wanted === 'free') {
    if (isOthers) return { outcome: 'acknowledged', detail: others };
    return found === null ? nothingHeld : verdictOn(await clear());
  }
  if (isOthers) return { outcome: 'refused', detail: `${others} Clear it there if this is to be done.` };
  if (found === names[wanted])
    return { outcome: 'acknowledged', detail: `${mac} has the ANC policy "${found}" already.` };
  const apply = async () => send({ method: 'PUT', path: applyPath, ...asJson(operation(mac, names[wanted])) });
  const first = await apply();
  const hasOurs = found === unread ? former !== 'free' : found !== null;
  const isToBeCleared = hasOurs && !isDone(first) && meaningOf(titlesIn(jsonIn(first))) === 'held-by-another';
  if (!isToBeCleared) return verdictOn(first);
  const cleared = verdictOn(await clear());
  return cleared.outcome === 'acknowledged' ? verdictOn(await apply()) : cleared;
}

const nothingHeld: Verdict = { outcome: 'acknowledged', detail: 'It holds no device for it: nothing is to be taken back.' }; // prettier-ignore

/** ISE itself would take whoever has the address at this moment. */
const unknownDevice = (ip: string): Verdict => ({
  outcome: 'failed',
  detail: `Which device had ${ip} is not known yet: ISE is told by MAC. Accounting, a logon with its MAC, or PUT /v1/endpoints/{mac} tells it.`,
});

async function stateOf(talk: Talk, mac: string | null): Promise<Wanted | 'unknown'> {
  if (mac === null) return 'unknown';
  const found = await policyOf(talk, mac);
  if (found === null) return 'free';
  if (found === unread) return 'unknown';
  const [known, another] = Object.entries(policies(talk.connector)).filter(([, name]) => name === found);
  return known && !another ? (known[0] as Wanted) : 'unknown'; // one policy may be for both
}

/** More than one is told of only where ISE does not filter. */
const mostLookedAt = 20;

/** Policies of ISE are called by texts, which this is none of. */
const unread = Symbol('unread');

/**
 * The name; null: it has none. Unread where ISE does not filter and has more devices than are looked at: then what is wanted is
 * done without knowing what was there, as a device that stays in the network, or out of it, is the greater harm.
 */
async function policyOf(talk: Talk, mac: string): Promise<string | null | typeof unread> {
  const { send } = sender(talk);
  const listed = await send({ method: 'GET', path: devicesPath(mac), headers: {} });
  if (listed.status === 400) return unread; // it knows no such filter
  const list = jsonIn(done(listed));
  const ids = idsIn(list).slice(0, mostLookedAt);
  for (const id of ids) {
    const received = await send({ method: 'GET', path: devicePath(id), headers: {} });
    const device = received.status === 404 ? undefined : deviceIn(jsonIn(done(received))); // cleared meanwhile
    if (device !== undefined && macAsIse(device.mac) === macAsIse(mac)) return device.policy;
  }
  return (totalIn(list) ?? ids.length) > ids.length ? unread : null;
}

function done(received: Received): Received {
  if (isDone(received)) return received;
  throw new NotDone(verdictOn(received));
}

const policies = ({ settings }: OpenConnector) => ({
  quarantined: settings.quarantinePolicy ?? '',
  blocked: settings.blockPolicy ?? '',
});

/** With the secret; where that is not taken, with those that may stand in for it. The one that is taken is kept to. */
function sender({ connector, connection }: Talk) {
  let password = connector.password;
  const as = async (sent: Sent, secret: string) => {
    const headers = { accept: 'application/json', ...sent.headers, authorization: basic(connector.username, secret) };
    return connection.send({ ...sent, headers });
  };
  const send = async (sent: Sent): Promise<Received> => {
    const received = await as(sent, password);
    if (received.status !== 401) return received;
    for await (const former of connector.formerSecrets()) {
      const another = await as(sent, former);
      password = former;
      if (another.status !== 401) return another;
    }
    return received;
  };
  return { send };
}

const mends = {
  401: 'It does not take user and password. Set them again.',
  403: 'Its user is no ERS administrator, or ERS wants CSRF tokens: switch those off for it.',
  404: 'It has no such API. Switch ERS on, and check the port: 9060, unless its gateway serves it.',
};

/** ISE answers 500 also to what it will never do. */
function verdictOn(received: Received): Verdict {
  const words = titlesIn(jsonIn(received));
  const verdict = verdictOf(received, { mends, words });
  if (isDone(received)) return verdict;
  switch (meaningOf(words)) {
    case 'so-already':
      return { outcome: 'acknowledged', detail: words };
    case 'no-such-policy':
      return { outcome: 'refused', detail: `It has no such ANC policy. Make it there, or name another in the settings. It says: ${words}` }; // prettier-ignore
    case 'no-session':
      return { outcome: 'failed', detail: `It knows no session of the host yet. It says: ${words}` };
    default:
      return verdict;
  }
}
