/** Tells whoever listens at a URL, signed as Standard Webhooks says. */
import { createHash } from 'node:crypto';
import type { Enforcer, OpenConnector } from '../connectors/enforcer.ts';
import { typeOf, type WebhookEvent } from '../wire/webhook/event.ts';
import { signedHeaders } from '../wire/webhook/signature.ts';
import type { Reach } from './connection-client.ts';
import { asJson, enforce, type Talk, tellsNothing, verdictOf } from './enforcing-client.ts';

export const webhookEnforcer = (reach: Reach, now: () => number): Enforcer => {
  const tell = async (connector: OpenConnector, id: string, event: WebhookEvent) =>
    enforce(reach, connector, async (talk) => post(talk, { id, event, at: now() }));
  return {
    test: async (connector) => {
      const timestamp = new Date(now()).toISOString();
      const event = { type: 'connector.test', version: 1, timestamp, data: { connector: connector.name } } as const;
      const id = createHash('sha256').update(`${connector.name} ${timestamp}`).digest('hex').slice(0, 32);
      return tell(connector, `test_${id}`, event);
    },
    apply: async (connector, { id, ip, mac, wanted, former, level, threatName, occurredAt }) =>
      tell(connector, id, {
        type: typeOf[wanted],
        version: 1,
        timestamp: new Date(occurredAt).toISOString(),
        data: {
          operation: id,
          connector: connector.name,
          ip,
          mac,
          state: wanted,
          formerState: former,
          threatLevel: level,
          threatName,
        },
      }),
    read: tellsNothing,
  };
};

interface Post {
  readonly id: string;
  readonly event: WebhookEvent;
  readonly at: number;
}

async function post({ connector, connection }: Talk, { id, event, at }: Post) {
  const secrets = [connector.password];
  for await (const former of connector.formerSecrets()) secrets.push(former);
  const { headers, body } = asJson(event);
  const { path = '/' } = connector.settings;
  const signed = signedHeaders({ id, timestamp: Math.floor(at / 1_000), payload: body }, secrets);
  return verdictOf(await connection.send({ method: 'POST', path, headers: { ...headers, ...signed }, body }), {
    mends,
  });
}

const mends = {
  401: 'It does not take our signature. Give it the secret of this connector.',
  403: 'It does not take our signature. Give it the secret of this connector.',
  404: 'Nothing listens at this path. Check the setting "path".',
  410: 'It wants to be told no more. Take this connector away, or name another path.',
};
