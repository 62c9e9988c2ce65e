import type { Enforcement, Enforcer } from '../../shared/connectors/enforcer.ts';
import { webhookEnforcer } from '../../shared/outbound/webhook-client.ts';
import { signedHeaders } from '../../shared/wire/webhook/signature.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../simulators/webhook-receiver.ts';
import { aConnector, anEnforcement, infected, laptop } from '../support/enforcements.ts';
import { noon } from '../support/observations.ts';
import { type HeardRequest, oddHttpServer } from '../support/odd-server.ts';
import { reach, reachUntil } from '../support/questions.ts';

const [first, second] = ['first', 'second'].map((name) => `whsec_${Buffer.from(name.padEnd(32, '.')).toString('base64')}`) as [string, string]; // prettier-ignore

let receiver: WebhookReceiver;
let enforcer: Enforcer;
beforeEach(async () => {
  receiver = await startWebhookReceiver({ secret: first, path: '/hooks/postern', now: () => noon });
  enforcer = webhookEnforcer(reach, () => noon);
});
afterEach(async () => receiver.stop());

const at = (told: Parameters<typeof aConnector>[1] = {}) =>
  aConnector(receiver.server, { type: 'webhook', password: first, settings: { path: '/hooks/postern' }, ...told });
const apply = async (told: Partial<Enforcement> = {}, connector = at()) =>
  enforcer.apply(connector, anEnforcement(told));

test('signs as the published example of Standard Webhooks does', () => {
  const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330, payload: '{"test": 2432232314}' };

  expect(signedHeaders(message, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('a secret without the prefix is the key as it is written', () => {
  const message = { id: 'a', timestamp: 1, payload: '' };
  const inBase64 = `whsec_${Buffer.from('a plain text').toString('base64')}`;

  expect(signedHeaders(message, ['a plain text'])).toEqual(signedHeaders(message, [inBase64]));
});

test('what a host is to be is told once, in words of ours that have a version', async () => {
  expect(await apply()).toMatchObject({ outcome: 'acknowledged', detail: '204' });
  expect(await apply()).toMatchObject({ outcome: 'acknowledged' });

  expect(receiver.deliveries()).toEqual([
    {
      id: 'op-1',
      signature: 'good',
      event: {
        type: 'host.quarantined',
        version: 1,
        timestamp: new Date(noon).toISOString(),
        data: {
          ...{ operation: 'op-1', connector: 'head-office', ip: infected, mac: laptop },
          ...{ state: 'quarantined', formerState: 'free', threatLevel: 8, threatName: 'W32.Example' },
        },
      },
    },
  ]);
  expect(receiver.statistics()).toMatchObject({ queries: 2, openSockets: 0, maxOpenSockets: 1 });
});

test('a block and a release have names of their own', async () => {
  await apply({ id: 'one', wanted: 'blocked' });
  await apply({ id: 'two', wanted: 'free', former: 'blocked', mac: null, threatName: null });

  expect(receiver.deliveries().map(({ event }) => event.type)).toEqual(['host.blocked', 'host.freed']);
});

test('while a secret is being changed, the receiver may know either', async () => {
  const rotated = at({ password: second, former: [first] });

  expect(await apply({ id: 'one' }, rotated)).toMatchObject({ outcome: 'acknowledged' });
  receiver.changeSecret(second);
  expect(await apply({ id: 'two' }, rotated)).toMatchObject({ outcome: 'acknowledged' });
  expect(await apply({ id: 'three' })).toMatchObject({ outcome: 'refused' });
  expect(receiver.deliveries().map(({ id, signature }) => [id, signature])).toEqual([
    ['one', 'good'],
    ['two', 'good'],
  ]);
});

test('both signatures stand in one header, of the new secret first', async () => {
  const heard: HeardRequest[] = [];
  const server = await oddHttpServer((request, response) => {
    heard.push(request);
    response.end();
  });

  await apply({}, aConnector(server, { password: second, former: [first], settings: {} }));

  const none: HeardRequest = { call: '', headers: {}, body: '' };
  const { call, headers, body } = heard[0] ?? none;
  const message = { id: 'op-1', timestamp: noon / 1_000, payload: body };
  expect(call).toBe('POST /');
  expect(headers).toMatchObject({ ...signedHeaders(message, [second, first]), 'content-type': 'application/json' });
  expect(headers['webhook-signature']).toMatch(/^v1,\S{44} v1,\S{44}$/);
  expect(JSON.stringify(heard)).not.toContain(second.slice(6));
  await server.stop();
});

test('what was signed long ago, or by another tenant’s secret, is taken by no receiver', async () => {
  const late = webhookEnforcer(reach, () => noon - 600_000);

  expect(await late.apply(at(), anEnforcement())).toMatchObject({ outcome: 'refused' });
  expect(await apply({}, at({ password: second }))).toMatchObject({ outcome: 'refused' });
  expect(receiver.deliveries()).toEqual([]);
});

test.each([
  [200, 'acknowledged'],
  [202, 'acknowledged'],
  [299, 'acknowledged'],
  [301, 'refused'],
  [307, 'refused'],
  [400, 'refused'],
  [401, 'refused'],
  [404, 'refused'],
  [408, 'failed'],
  [410, 'refused'],
  [422, 'refused'],
  [429, 'failed'],
  [500, 'failed'],
  [502, 'failed'],
  [503, 'failed'],
])('the answer %i: %s', async (status, outcome) => {
  receiver.answerWith(status);

  expect(await apply()).toMatchObject({ outcome });
});

test('who wants no more is left alone once the connector is taken away', async () => {
  receiver.answerWith(410);

  expect(await apply()).toMatchObject({ outcome: 'refused', detail: expect.stringContaining('Take this connector away') as unknown }); // prettier-ignore
});

test.each<[string, object, string]>([
  ['hangs', { hang: true }, 'answer-timeout'],
  ['tears off its answers', { resetRate: 1 }, 'connection-reset'],
])('a receiver that %s may be told later, and no socket is left', async (_case, behaviour, detail) => {
  receiver.behave(behaviour);
  enforcer = webhookEnforcer(reachUntil(detail), () => noon);

  expect(await apply()).toMatchObject({ outcome: 'failed', detail: expect.stringContaining(detail) as unknown });
  await receiver.deserted();
});

test('over TLS with a certificate of the tenant’s own', async () => {
  const secure = { ...receiver.tlsServer, connectMethod: 'https' } as const;

  expect(await apply({}, at({ ...secure, caCertificate: receiver.caCertificate }))).toMatchObject({ outcome: 'acknowledged' }); // prettier-ignore
  expect(await apply({}, at(secure))).toMatchObject({
    outcome: 'refused',
    detail: expect.stringMatching(/^certificate-refused: .*caCertificate/) as unknown,
  });
});

test('a test is a signed message of its own, about which nothing is to be done', async () => {
  expect(await enforcer.test(at())).toMatchObject({ outcome: 'acknowledged' });
  expect(receiver.deliveries()).toMatchObject([
    { event: { type: 'connector.test', data: { connector: 'head-office' } } },
  ]);
  expect(await enforcer.read(at(), anEnforcement())).toBe('unknown');
});
