/**
 * Asks ATP Cloud for the infected hosts that it knows: one question on one socket that is closed when this returns,
 * whatever happened. No error and no reason holds anything that was sent or answered.
 */
import type { AtpCloudSettings, FeedAnswer } from '../infected-hosts/asked-feed.ts';
import { type FailureReason, QuestionFailed } from '../user-query/asking.ts';
import { hostOf } from '../user-query/servers.ts';
import { mostAnswerBytes } from '../wire/atp-cloud/infected-hosts.ts';
import { refuseOverload } from './bearer-client.ts';
import { type Budgets, type Connection, connectionTo, type Reach, type Received } from './connection-client.ts';

/** A list of all hosts takes longer than the answer about one. */
const usual: Budgets = { connect: 2_000, answer: 10_000, total: 15_000, close: 500 };

const path = '/v2/skyatp/infected_hosts';

export async function askAtpCloud(settings: AtpCloudSettings, reach: Reach, now: () => number): Promise<FeedAnswer> {
  const { address, port, connectMethod, caCertificate } = settings;
  const security = connectMethod === 'https' ? 'tls' : 'none';
  const host = hostOf({ address });
  const connection = connectionTo({ host, port, security, caCertificate }, { budgets: usual, ...reach });
  try {
    const received = await listWith(connection, settings);
    const retryAfterMs = waitIn(received, now());
    const elapsedMs = connection.elapsedMs();
    const reason = refusalIn(received);
    if (reason === undefined) return { outcome: 'answered', body: received.body, elapsedMs };
    return { outcome: 'failed', reason, elapsedMs, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  } catch (error) {
    if (!(error instanceof QuestionFailed)) throw error;
    return { outcome: 'failed', reason: error.reason, elapsedMs: connection.elapsedMs() };
  } finally {
    await connection.close();
  }
}

/** With the token; with those before it while ATP Cloud takes none: it is changed there and here one after the other. */
async function listWith(connection: Connection, { token, formerTokens }: AtpCloudSettings): Promise<Received> {
  const first = await put(connection, token);
  if (first.status !== 401) return first;
  for await (const former of formerTokens()) {
    const received = await put(connection, former);
    if (received.status !== 401) return received;
  }
  return first;
}

const put = async (connection: Connection, token: string) =>
  connection.send({
    method: 'GET',
    path,
    headers: { accept: 'application/json', authorization: `Bearer ${token}` },
    mostBytes: mostAnswerBytes,
  });

/** Why an answer is none. One without a list is no list that is empty. */
function refusalIn({ status }: Received): FailureReason | undefined {
  if (status === 200) return undefined;
  if (status === 401) return 'token-refused';
  if (status === 403) return 'not-permitted';
  try {
    refuseOverload(status);
  } catch (error) {
    if (error instanceof QuestionFailed) return error.reason;
    throw error;
  }
  return 'question-refused';
}

/** Longer than this nobody is left alone. */
const longestWaitMs = 60 * 60_000;

/** `Retry-After` in seconds or as a date. */
function waitIn({ retryAfter }: Received, now: number): number | undefined {
  if (retryAfter === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - now;
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, longestWaitMs) : undefined;
}
