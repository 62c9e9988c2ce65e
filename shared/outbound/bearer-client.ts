/**
 * Asks a server that lets in whoever holds a token: the token if one is needed, and the question, on one socket that is
 * closed when this returns, whatever happened. No error and no reason holds anything that was sent or answered.
 */
import { type Answered, type Asked, failed, type Nobody, QuestionFailed } from '../user-query/asking.ts';
import type { FindToken, Obtained } from '../user-query/tokens.ts';
import { type Connection, connectionTo, type Reach, type Received, type Target } from './connection-client.ts';

export interface BearerQuestion {
  readonly target: Target;
  readonly client: Client;
  /** Path and query string. */
  readonly path: string;
  readonly findToken: FindToken;
  /** How long an answer may be; the usual bound where it is left out. */
  readonly mostBytes?: number;
}

/** How a token is asked for. */
export interface Client {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Those that may stand in for it where the server does not take it: it may not have been told of the change yet. From the first on for each token. */
  readonly formerSecrets?: () => AsyncIterable<string>;
  readonly tokenApi: string;
}

export async function askWithToken(
  { target, client, path, findToken, mostBytes }: BearerQuestion,
  reach: Reach,
): Promise<Asked> {
  const connection = connectionTo(target, reach);
  const obtain = async () => obtainToken(connection, client);
  let tokenExpiresAt: number | undefined;

  const put = async (rejected?: string): Promise<Answered | Nobody> => {
    const token = await findToken(obtain, rejected);
    if (token === 'wait') throw new QuestionFailed('token-awaited');
    ({ expiresAt: tokenExpiresAt } = token);
    const headers = { accept: 'application/json', authorization: `Bearer ${token.text}` };
    const received = await connection.send({
      method: 'GET',
      path,
      headers,
      ...(mostBytes !== undefined && { mostBytes }),
    });
    if (received.status === 401 && rejected === undefined) return put(token.revision);
    return answerIn(received);
  };

  try {
    const answer = await put();
    return { ...answer, elapsedMs: connection.elapsedMs(), ...(tokenExpiresAt !== undefined && { tokenExpiresAt }) };
  } catch (error) {
    if (error instanceof QuestionFailed) return { ...failed(error.reason), elapsedMs: connection.elapsedMs() };
    throw error;
  } finally {
    await connection.close();
  }
}

/** Paths are configured with or without their slash. */
export const pathOf = (api: string): string => `/${api.replace(/^\/+/, '')}`;

function answerIn({ status, body }: Received): Answered | Nobody {
  if (status === 404 || status === 204) return { outcome: 'nobody' };
  if (status >= 200 && status < 300) {
    return body.some((byte) => byte > 0x20) ? { outcome: 'answered', body } : { outcome: 'nobody' };
  }
  refuseOverload(status);
  if (status === 401) throw new QuestionFailed('token-refused');
  throw new QuestionFailed(status === 403 ? 'not-permitted' : 'question-refused');
}

/** What a server of any kind may answer to anything. */
export function refuseOverload(status: number) {
  if (status >= 500) throw new QuestionFailed('server-failed');
  if (status === 429) throw new QuestionFailed('server-busy');
  if (status >= 300 && status < 400) throw new QuestionFailed('redirected');
}

/** With the secret, or with one that may stand in for it. Throws `QuestionFailed`. */
export async function obtainToken(connection: Pick<Connection, 'send'>, client: Client): Promise<Obtained> {
  try {
    return await tokenFor(connection, client);
  } catch (error) {
    if (!isSecretRefused(error) || client.formerSecrets === undefined) throw error;
    for await (const clientSecret of client.formerSecrets()) {
      try {
        return await tokenFor(connection, { ...client, clientSecret });
      } catch (another) {
        if (!isSecretRefused(another)) throw another;
      }
    }
    throw error;
  }
}

const isSecretRefused = (error: unknown) => error instanceof QuestionFailed && error.reason === 'secret-refused';

/** As JSON; as a form where the server does not take that. */
async function tokenFor(
  connection: Pick<Connection, 'send'>,
  { clientId, clientSecret, tokenApi }: Client,
): Promise<Obtained> {
  const grant = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
  const post = async (type: string, body: string) =>
    connection.send({
      method: 'POST',
      path: pathOf(tokenApi),
      headers: { accept: 'application/json', 'content-type': type, 'content-length': String(Buffer.byteLength(body)) },
      body,
    });
  const first = await post('application/json', JSON.stringify(grant));
  const wantsForm = first.status === 400 || first.status === 415;
  const { status, body } = wantsForm
    ? await post('application/x-www-form-urlencoded', new URLSearchParams(grant).toString())
    : first;
  if (status >= 200 && status < 300) return tokenIn(body);
  refuseOverload(status);
  throw new QuestionFailed([400, 401, 403].includes(status) ? 'secret-refused' : 'token-api-refused');
}

/** What fits into a header and into KMS. */
const tokenForm = /^[\x21-\x7e]{1,4096}$/;
const yearSeconds = 365 * 24 * 60 * 60;
/** Where the server does not say how long a token is good for. */
const cautiousSeconds = 300;

function tokenIn(body: Uint8Array): Obtained {
  const { access_token: text, expires_in: told } = objectIn(body);
  if (typeof text !== 'string' || !tokenForm.test(text)) throw new QuestionFailed('token-unreadable');
  const seconds = typeof told === 'number' || typeof told === 'string' ? Number(told) : Number.NaN;
  return { text, lifetimeSeconds: seconds > 0 ? Math.min(seconds, yearSeconds) : cautiousSeconds };
}

function objectIn(body: Uint8Array): Partial<Record<string, unknown>> {
  try {
    const answer: unknown = JSON.parse(Buffer.from(body).toString());
    return typeof answer === 'object' && answer !== null ? answer : {};
  } catch {
    return {};
  }
}
