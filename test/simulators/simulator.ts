/** A server that lets in whoever holds a token that it gave. What it is asked and answers is a product's own. */
import { randomBytes } from 'node:crypto';
import type { Behaviour } from './behaviour.ts';
import { type Heard, type Reply, type SimulatedServer, type ServerOptions, startServer } from './server.ts';

export { canonical, type Door } from './server.ts';

export interface SimulatorOptions extends ServerOptions {
  /** Secrets by client id; where nothing is said every client with a secret gets a token. */
  readonly clients?: Readonly<Record<string, string>>;
}

/** What a simulated server is. */
export interface Product<Question> {
  readonly tokenPath: string;
  /** What is asked; undefined where there is nothing to ask. */
  readonly question: (heard: Heard) => Question | undefined;
  /** A text is JSON; undefined where nothing is known. */
  readonly answer: (question: Question) => string | Reply | undefined;
  /** Who holds a token that was given some other way; where this is said no other token is taken. */
  readonly holderOf?: (token: string) => string | undefined;
  /** Seconds until it may be asked again, where it is asked too often. */
  readonly busyFor?: () => number | undefined;
  /** What scripts may tell it: a call like `PUT /endpoints/192.0.2.1`, and its body. */
  readonly control: (call: string, told: unknown) => 'done' | 'unknown' | { readonly shown: unknown };
}

/** A question as it came in, and whose token it was asked with; absent where that was none of ours, or had expired. */
export type Asked<Question> = Question & { readonly clientId?: string };

export interface Simulator<Question> extends SimulatedServer<Asked<Question>> {
  /** From now on it takes none of the tokens that it has given. */
  readonly revokeTokens: () => void;
  /** From now on it knows these secrets alone; tokens that it has given stay good. */
  readonly changeSecrets: (clients: Readonly<Record<string, string>>) => void;
}

export async function startSimulator<Question extends object>(
  product: Product<Question>,
  options: SimulatorOptions = {},
): Promise<Simulator<Question>> {
  const tokens = new Map<string, { readonly clientId: string; readonly expiresAt: number }>();
  let { clients } = options;

  function giveToken({ headers, body }: Heard, { tokenForm, tokenSeconds }: Behaviour): Reply {
    const form = headers['content-type']?.startsWith('application/json') === true ? 'json' : 'form';
    if (tokenForm !== 'any' && tokenForm !== form) return { status: 415, body: { title: 'Unsupported Media Type' } };
    const { grant_type: grant, client_id: clientId = '', client_secret: secret = '' } = fieldsIn(body, form);
    const known = clients === undefined ? secret !== '' : clients[clientId] === secret;
    if (grant !== 'client_credentials' || !known) return { status: 400, body: { error: 'invalid_client' } };
    const token = randomBytes(20).toString('hex');
    tokens.set(token, { clientId, expiresAt: Date.now() + tokenSeconds * 1_000 });
    return { status: 200, body: { access_token: token, expires_in: tokenSeconds, token_type: 'Bearer', scope: null } };
  }

  function holderOf(token: string): string | undefined {
    if (product.holderOf) return product.holderOf(token);
    const given = tokens.get(token);
    return given !== undefined && given.expiresAt > Date.now() ? given.clientId : undefined;
  }

  const server = await startServer<Asked<Question>>(
    {
      admit: (heard, mood) =>
        heard.method === 'POST' && heard.url.pathname === product.tokenPath ? giveToken(heard, mood) : undefined,
      ask(heard) {
        const question = product.question(heard);
        const clientId = holderOf(/^Bearer (.+)$/.exec(heard.headers.authorization ?? '')?.[1] ?? '');
        return question && { ...question, ...(clientId !== undefined && { clientId }) };
      },
      answer(question) {
        if (question.clientId === undefined) return { status: 401, body: { title: 'Unauthorized' } };
        const busy = product.busyFor?.();
        if (busy !== undefined) {
          return { status: 429, headers: { 'retry-after': String(busy) }, body: { title: 'Too Many Requests' } };
        }
        const found = product.answer(question) ?? { status: 404, body: { status: 404, title: 'Not Found' } };
        return typeof found === 'string' ? { status: 200, body: found } : found;
      },
      control: product.control,
    },
    options,
  );
  return { ...server, revokeTokens: () => tokens.clear(), changeSecrets: (told) => void (clients = told) };
}

function fieldsIn(body: string, form: 'json' | 'form'): Readonly<Partial<Record<string, string>>> {
  return form === 'form' ? Object.fromEntries(new URLSearchParams(body)) : (JSON.parse(body) as Record<string, string>);
}
