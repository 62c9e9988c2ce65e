/** Standard Webhooks: what is signed, and how it stands in the headers. */
import { createHmac } from 'node:crypto';

export interface Message {
  /** The same for each attempt. */
  readonly id: string;
  /** Of this attempt; seconds since 1970. */
  readonly timestamp: number;
  readonly payload: string;
}

/** With a signature by each secret, so that the receiver may know any of them. */
export const signedHeaders = (message: Message, secrets: readonly string[]) => ({
  'webhook-id': message.id,
  'webhook-timestamp': String(message.timestamp),
  'webhook-signature': secrets.map((secret) => signature(message, secret)).join(' '),
});

function signature({ id, timestamp, payload }: Message, secret: string): string {
  return `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${payload}`).digest('base64')}`;
}

const prefix = 'whsec_';

/** Behind the prefix stands the key in base64; what has none is a key as it is written. */
const keyOf = (secret: string) =>
  secret.startsWith(prefix) ? Buffer.from(secret.slice(prefix.length), 'base64') : Buffer.from(secret);
