/**
 * What the clients of connectors share: one connection a call, which is closed whatever happened, and what its end means.
 * No answer holds a secret that was sent, also where the other side repeats it.
 */
import { randomUUID } from 'node:crypto';
import type { Answer, Enforcer, OpenConnector } from '../connectors/enforcer.ts';
import type { Wanted } from '../infected-hosts/host.ts';
import { type FailureReason, failures, QuestionFailed } from '../user-query/asking.ts';
import { type CountedServers, hostOf, outcomeOfFailure, serverName, useServer } from '../user-query/servers.ts';
import { type Connection, connectionTo, type Reach, type Received } from './connection-client.ts';
import { failureWords } from './failure-words.ts';

/** An answer without how long it took. */
export interface Verdict {
  readonly outcome: Answer['outcome'];
  readonly detail: string;
  /** Why it was not done, where that is nothing of a product's own. */
  readonly reason?: FailureReason;
}

export interface Talk {
  readonly connector: OpenConnector;
  readonly connection: Pick<Connection, 'send'>;
}

/** What a worker of a query cell may live: whatever it does is over by then. */
const longestTalkMs = 35_000;

/** Ends a talk in its middle. */
export class NotDone extends Error {
  readonly verdict: Verdict;

  constructor(verdict: Verdict) {
    super(verdict.outcome);
    this.verdict = verdict;
  }
}

/** Talks with the system behind a connector, counted with all that is asked of its server: one that is offline is let alone. */
export async function enforceCounted(
  counted: CountedServers,
  reach: Reach,
  connector: OpenConnector,
  talk: (talk: Talk) => Promise<Verdict>,
  insists = false,
): Promise<Answer> {
  const { tenant } = connector;
  const [id, untilAt] = [randomUUID(), counted.now() + longestTalkMs];
  const asking = { tenant, server: serverName(connector), id, untilAt, insists };
  const talked = async () => talkWith(reach, connector, talk);
  const done = await useServer(counted, asking, talked, ({ reason, answer: { roundTripMs: elapsedMs } }) =>
    reason === undefined
      ? { verdict: 'heard', counted: 'response', elapsedMs }
      : { ...outcomeOfFailure(reason), elapsedMs },
  );
  if (done !== 'offline') return done.answer;
  return { outcome: 'failed', detail: `server-offline: ${failureWords['server-offline']}`, roundTripMs: 0 };
}

/** Talks with the system behind a connector. What else goes wrong than a talk can, as a failure of our own, is thrown. */
export async function enforce(
  reach: Reach,
  connector: OpenConnector,
  talk: (talk: Talk) => Promise<Verdict>,
): Promise<Answer> {
  return (await talkWith(reach, connector, talk)).answer;
}

async function talkWith(
  reach: Reach,
  connector: OpenConnector,
  talk: (talk: Talk) => Promise<Verdict>,
): Promise<{ readonly answer: Answer; readonly reason?: FailureReason }> {
  const target = targetOf(connector);
  if (target === undefined)
    return { answer: { outcome: 'refused', detail: 'Its address cannot be read.', roundTripMs: 0 } };
  const secrets = new Set([connector.password]);
  const connection = connectionTo(target, reach);
  const send: Connection['send'] = async (sent) => {
    for (const secret of secretsIn(sent.headers.authorization)) secrets.add(secret);
    return connection.send(sent);
  };
  async function* formerSecrets() {
    for await (const secret of connector.formerSecrets()) {
      secrets.add(secret);
      yield secret;
    }
  }
  const { outcome, detail, reason } = await talk({
    connector: { ...connector, formerSecrets },
    connection: { send },
  })
    .catch(verdictOn)
    .finally(async () => connection.close());
  const answer = { outcome, detail: shown(detail, secrets), roundTripMs: connection.elapsedMs() };
  return { answer, ...(reason && { reason }) };
}

/** What the other side has, where it says so. */
export async function readBy(
  reach: Reach,
  connector: OpenConnector,
  talk: (talk: Talk) => Promise<Wanted | 'unknown'>,
): Promise<Wanted | 'unknown'> {
  let found: Wanted | 'unknown' = 'unknown';
  await enforce(reach, connector, async (about) => {
    found = await talk(about);
    return { outcome: 'acknowledged', detail: '' };
  });
  return found;
}

/** Of systems that do not tell what they have. */
export const tellsNothing: Enforcer['read'] = async () => Promise.resolve('unknown');

function targetOf({ address, port, connectMethod, caCertificate }: OpenConnector) {
  const security = connectMethod === 'https' ? ('tls' as const) : ('none' as const);
  try {
    return { host: hostOf({ address }), port, security, caCertificate };
  } catch {
    return undefined;
  }
}

function verdictOn(error: unknown): Verdict {
  if (error instanceof NotDone) return error.verdict;
  if (!(error instanceof QuestionFailed)) throw error;
  const { reason } = error;
  const outcome = failures[reason].retry === 'later' ? 'failed' : 'refused';
  return { outcome, detail: `${reason}: ${failureWords[reason]}`, reason };
}

/**
 * What a status means of which a product says nothing else. `mends` has how to mend those of a product's own, and `words`
 * what it says itself.
 */
export function verdictOf(
  { status }: Pick<Received, 'status'>,
  { mends = {}, words = '' }: { readonly mends?: Readonly<Partial<Record<number, string>>>; readonly words?: string },
): Verdict {
  const said = words === '' ? '' : ` It says: ${words}`;
  if (status >= 200 && status < 300) return { outcome: 'acknowledged', detail: words === '' ? `${status}` : words };
  const mayWorkLater = status >= 500 || status === 429 || status === 408;
  const reason = status >= 500 ? 'server-failed' : 'server-busy';
  if (mayWorkLater) return { outcome: 'failed', detail: `It answered ${status}.${said}`, reason };
  if (status >= 300 && status < 400) return { outcome: 'refused', detail: `redirected: ${failureWords.redirected}` };
  const mend = mends[status];
  return { outcome: 'refused', detail: `It answered ${status}.${mend === undefined ? '' : ` ${mend}`}${said}` };
}

export const isDone = ({ status }: Pick<Received, 'status'>) => status >= 200 && status < 300;

/** The JSON of an answer; `undefined` where it is none. */
export function jsonIn({ body }: Pick<Received, 'body'>): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch {
    return undefined;
  }
}

export const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** Headers and body of a request that says something in JSON. */
export const asJson = (told: unknown) => {
  const body = JSON.stringify(told);
  return {
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
    },
    body,
  };
};

/** A key is sent as a user without a password: then it is the secret. */
function secretsIn(authorization = ''): readonly string[] {
  const [scheme, told = ''] = authorization.split(' ');
  if (scheme !== 'Basic') return [told];
  const [user = '', ...rest] = Buffer.from(told, 'base64').toString().split(':');
  const password = rest.join(':');
  return [told, password === '' ? user : password];
}

const longestDetail = 400;

/** In one line and of a bearable length; secrets are struck out before anything is cut, or halves of them would be left. */
function shown(detail: string, secrets: ReadonlySet<string>): string {
  const known = [...secrets].filter((secret) => secret !== '').sort((one, other) => other.length - one.length);
  const without = known.reduce((text, secret) => text.replaceAll(secret, '***'), detail);
  const line = without.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').toWellFormed();
  return line.length > longestDetail ? `${line.slice(0, longestDetail - 1).toWellFormed()}…` : line;
}
