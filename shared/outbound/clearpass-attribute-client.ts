/**
 * Tells a ClearPass what to think of an endpoint, by an attribute that its policies may look at. Token, search and change
 * go over one socket: a ClearPass bears twenty, and who calls counts on one each.
 */
import type { Enforcement, Enforcer } from '../connectors/enforcer.ts';
import { type Mac, readMac } from '../endpoints/mac.ts';
import type { IpAddress } from '../identity/address.ts';
import type { Wanted } from '../infected-hosts/host.ts';
import {
  attributesFor,
  endpointPath,
  endpointsPath,
  newEndpoint,
  problemIn,
  stateIn,
  statuses,
} from '../wire/clearpass/endpoint-attribute.ts';
import type { CountedServers } from '../user-query/servers.ts';
import { readUserAnswer } from '../wire/clearpass/user-answer.ts';
import { obtainToken } from './bearer-client.ts';
import type { Connection, Reach, Received } from './connection-client.ts';
import { asJson, enforceCounted, isDone, jsonIn, NotDone, readBy, type Talk, type Verdict, verdictOf } from './enforcing-client.ts'; // prettier-ignore
import { loggedIn } from './logged-in-client.ts';
import { loginOf, type Logins } from './logins.ts';

/** Counted with the questions that the same ClearPass is asked: one that is offline for these is told nothing, so that both leave its query cell alone. */
export function clearPassEnforcer(reach: Reach, logins: Logins, counted: CountedServers): Enforcer {
  const tested = async (talk: Talk) =>
    verdictOn(await sender(talk, logins)({ method: 'GET', path: `${endpointsPath}?limit=1`, headers: {} }));
  return {
    keeps: 'devices',
    async find(connector, about) {
      let found: Mac | undefined;
      const answer = await enforceCounted(counted, reach, connector, async (talk) => {
        found = await seenAt(sender(talk, logins), about);
        return unknownDevice(about.ip);
      });
      return found ?? answer;
    },
    test: async (connector) => enforceCounted(counted, reach, connector, tested, true),
    apply: async (connector, what) =>
      enforceCounted(counted, reach, connector, async (talk) => set(sender(talk, logins), what)),
    read: async (connector, { mac }) => readBy(reach, connector, async (talk) => statusOf(sender(talk, logins), mac)),
  };
}

type Send = Connection['send'];

async function set(send: Send, what: Enforcement): Promise<Verdict> {
  const { mac, wanted } = what;
  if (mac === null) return withoutDevice(what);
  const change = async () => send({ method: 'PATCH', path: endpointPath(mac), ...asJson(attributesFor(wanted)) });
  const changed = await change();
  const done = { outcome: 'acknowledged', detail: `${mac} is ${statuses[wanted]}` } as const;
  if (isDone(changed)) return done;
  if (changed.status !== 404) return verdictOn(changed);
  if (wanted === 'free')
    return { outcome: 'acknowledged', detail: `It has no endpoint ${mac}: nothing is to be taken back.` };
  const made = await send({ method: 'POST', path: endpointsPath, ...asJson(newEndpoint(mac, wanted)) });
  if (isDone(made)) return { ...done, detail: `${done.detail}; the endpoint is new` };
  const isMadeMeanwhile = made.status === 409 || made.status === 422;
  const again = isMadeMeanwhile ? await change() : made;
  return isDone(again) ? done : verdictOn(made);
}

/** A hold is not sent without a device, so there is none to take back. */
const withoutDevice = ({ ip, wanted }: Enforcement): Verdict =>
  wanted === 'free'
    ? { outcome: 'acknowledged', detail: `No device was held for ${ip}: nothing is to be taken back.` }
    : unknownDevice(ip);

const unknownDevice = (ip: IpAddress): Verdict => ({
  outcome: 'failed',
  detail: `Neither it nor we know of a device that had ${ip} when it was to be held.`,
});

async function statusOf(send: Send, mac: Mac | null): Promise<Wanted | 'unknown'> {
  if (mac === null) return 'unknown';
  const found = await send({ method: 'GET', path: endpointPath(mac), headers: {} });
  if (found.status === 404) return 'free';
  return isDone(found) ? stateIn(jsonIn(found)) : 'unknown';
}

/** So much a clock there may be ahead of ours. */
const clockAheadMs = 60_000;
const microsInMs = 1_000;

/**
 * The device that it last saw at the address by that time. One that it saw there later may have got the address since, and so may
 * have whoever it saw before: then it is nobody's.
 */
async function seenAt(
  send: Send,
  { ip, at }: { readonly ip: IpAddress; readonly at: number },
): Promise<Mac | undefined> {
  const found = await send({ method: 'GET', path: `/api/insight/endpoint/ip/${encodeURIComponent(ip)}`, headers: {} });
  if (found.status === 404) return undefined;
  if (!isDone(found)) throw new NotDone(verdictOn(found));
  const { records = [] } = readUserAnswer(found.body);
  const seen = records.map(({ mac, updatedAt = 0 }) => ({ mac: readMac(mac ?? '').mac, updatedAt }));
  const [newest] = seen
    .filter(({ mac }) => mac !== undefined)
    .toSorted((one, other) => other.updatedAt - one.updatedAt);
  return newest && newest.updatedAt <= (at + clockAheadMs) * microsInMs ? newest.mac : undefined;
}

function sender({ connector, connection }: Talk, logins: Logins): Send {
  const { username, password, formerSecrets } = connector;
  const client = { clientId: username, clientSecret: password, formerSecrets, tokenApi: 'api/oauth' };
  const send = loggedIn({
    connection,
    logins,
    login: loginOf(connector),
    logIn: async () => {
      const { text, lifetimeSeconds } = await obtainToken(connection, client);
      return { key: text, lifetimeMs: lifetimeSeconds * 1_000 };
    },
    authorization: (token) => `Bearer ${token}`,
  });
  return async (sent) => send({ ...sent, headers: { accept: 'application/json', ...sent.headers } });
}

const mends = {
  401: 'It gave a token, and does not take it.',
  403: 'The API client may not do this. Give its operator profile read and write access to endpoints, and read access to Insight.',
  404: 'It has no such API. Check address and port.',
};

const verdictOn = (received: Received) => verdictOf(received, { mends, words: problemIn(jsonIn(received)) });
