/**
 * A receiver of webhooks that checks signatures as the text of Standard Webhooks says, with the Web Crypto API: not with
 * the code that signs.
 */
import { type Heard, type Reply, type SimulatedServer, type ServerOptions, startServer } from './server.ts';

export interface ReceiverOptions extends ServerOptions {
  /** `whsec_` and base64. Where nothing is said, signatures are not looked at. */
  readonly secret?: string;
  readonly path?: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface Delivery {
  readonly id: string;
  /** What its signature was worth; `old` was signed more than five minutes ago, or that far in the future. */
  readonly signature: 'good' | 'bad' | 'old' | 'unchecked';
  readonly event: Readonly<Record<string, unknown>>;
}

export interface WebhookReceiver extends SimulatedServer<{ readonly id: string }> {
  /** Each id once: one that comes again is answered and not done again. */
  readonly deliveries: () => readonly Delivery[];
  readonly changeSecret: (secret: string) => void;
  /** Whatever comes is answered so; null: as usual. */
  readonly answerWith: (status: number | null) => void;
}

const toleranceSeconds = 300;

export async function startWebhookReceiver({
  secret: first,
  path = '/',
  now = Date.now,
  ...options
}: ReceiverOptions = {}): Promise<WebhookReceiver> {
  // prettier-ignore
  let key = first === undefined ? undefined : await keyOf(first);
  let changing = Promise.resolve();
  let answers: number | null = null;
  const done = new Map<string, Delivery>();

  const changeSecret = (secret: string) => {
    changing = keyOf(secret).then((made) => {
      key = made;
    });
  };

  async function verdictOn({ headers, body }: Heard): Promise<Delivery['signature']> {
    if (key === undefined) return 'unchecked';
    const at = Number(headers['webhook-timestamp']);
    if (!(Math.abs(now() / 1_000 - at) <= toleranceSeconds)) return 'old';
    const signed = new TextEncoder().encode(`${idIn(headers)}.${String(headers['webhook-timestamp'])}.${body}`);
    for (const each of String(headers['webhook-signature']).split(' ')) {
      const [version, signature = ''] = each.split(',', 2);
      const bytes = Uint8Array.from(Buffer.from(signature, 'base64'));
      if (version === 'v1' && (await crypto.subtle.verify('HMAC', key, bytes, signed))) return 'good';
    }
    return 'bad';
  }

  const server = await startServer<{ readonly id: string }>(
    {
      ask: ({ method, url, headers }) =>
        method === 'POST' && url.pathname === path ? { id: idIn(headers) } : undefined,
      async answer({ id }, heard): Promise<Reply> {
        await changing;
        const signature = await verdictOn(heard);
        if (answers !== null) return { status: answers };
        if (signature !== 'good' && signature !== 'unchecked') return { status: 401 };
        if (!done.has(id)) done.set(id, { id, signature, event: JSON.parse(heard.body) as Delivery['event'] });
        return { status: 204 };
      },
      control(call, told) {
        if (call === 'GET /deliveries') return { shown: [...done.values()] };
        if (call !== 'PUT /secret') return 'unknown';
        changeSecret(String(told));
        return 'done';
      },
    },
    options,
  );
  return {
    ...server,
    deliveries: () => [...done.values()],
    changeSecret,
    answerWith: (status) => void (answers = status),
  };
}

const idIn = (headers: Heard['headers']) => String(headers['webhook-id']);

const keyOf = async (secret: string) =>
  crypto.subtle.importKey(
    'raw',
    Uint8Array.from(Buffer.from(secret.replace(/^whsec_/, ''), 'base64')),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['verify'],
  );
