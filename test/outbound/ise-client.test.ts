import type { Enforcement, Enforcer, OpenConnector } from '../../shared/connectors/enforcer.ts';
import { iseEnforcer } from '../../shared/outbound/ise-client.ts';
import { type Ise, startIse } from '../simulators/ise.ts';
import { aConnector, anEnforcement, infected, laptop } from '../support/enforcements.ts';
import { oddHttpServer } from '../support/odd-server.ts';
import { reach } from '../support/questions.ts';

const settings = { quarantinePolicy: 'Quarantine', blockPolicy: 'Block' };
const asIse = '00:11:22:33:CA:FE';

let ise: Ise;
const enforcer: Enforcer = iseEnforcer(reach);
beforeEach(async () => {
  ise = await startIse({ users: { postern: 'hunter2' } });
  ise.login(infected, laptop);
});
afterEach(async () => ise.stop());

const at = (told: Parameters<typeof aConnector>[1] = {}): OpenConnector =>
  aConnector(ise.server, { type: 'cisco-ise', settings, ...told });
const apply = async (told: Partial<Enforcement> = {}, connector = at()) =>
  enforcer.apply(connector, anEnforcement(told));
const mends = (text: string) => expect.stringContaining(text) as unknown;

test('applies the policy of what is wanted by the MAC, and clears it', async () => {
  expect(await apply()).toMatchObject({ outcome: 'acknowledged', detail: '204' });
  expect(ise.applied()).toEqual({ [asIse]: 'Quarantine' });
  expect(ise.questions()).toEqual([
    { call: 'PUT /ers/config/ancendpoint/apply', told: { macAddress: asIse, policyName: 'Quarantine' } },
  ]);

  expect(await apply({ wanted: 'blocked', former: 'quarantined' })).toMatchObject({ outcome: 'acknowledged' });
  expect(ise.applied()).toEqual({ [asIse]: 'Block' });

  expect(await apply({ wanted: 'free', former: 'blocked' })).toMatchObject({ outcome: 'acknowledged' });
  expect(ise.applied()).toEqual({});
  expect(ise.statistics()).toMatchObject({ openSockets: 0, maxOpenSockets: 1 });
});

test('goes by the address where no MAC is known, and waits for a session where none has it', async () => {
  expect(await apply({ mac: null })).toMatchObject({ outcome: 'acknowledged' });
  expect(ise.questions()[0]?.told).toEqual({ ipAddress: infected, policyName: 'Quarantine' });
  expect(ise.applied()).toEqual({ [asIse]: 'Quarantine' });

  const other = { mac: null, ip: '192.0.2.99' as typeof infected };
  expect(await apply(other)).toMatchObject({ outcome: 'failed', detail: mends('knows no session of the host yet') });
});

test('an ISE that wants one policy cleared before the next has it so, on one socket', async () => {
  const strict = await startIse({ replaces: 'once-cleared' });
  const connector = aConnector(strict.server, { settings });
  strict.apply(laptop, 'Quarantine');

  expect(await apply({ wanted: 'blocked', former: 'quarantined' }, connector)).toMatchObject({
    outcome: 'acknowledged',
  });

  expect(strict.applied()).toEqual({ [asIse]: 'Block' });
  expect(strict.questions().map(({ call }) => call.split('/').at(-1))).toEqual(['apply', 'clear', 'apply']);
  expect(strict.statistics()).toMatchObject({ maxOpenSockets: 1, openSockets: 0 });
  await strict.stop();
});

test('what is so already is done, though ISE calls it a failure', async () => {
  await apply();

  expect(await apply()).toMatchObject({ outcome: 'acknowledged', detail: mends('already associated') });
  expect(await apply({ wanted: 'free' })).toMatchObject({ outcome: 'acknowledged' });
  expect(await apply({ wanted: 'free' })).toMatchObject({ outcome: 'acknowledged', detail: mends('not associated') });
});

test('a policy that ISE does not have is told, by the test too', async () => {
  const wrong = at({ settings: { ...settings, quarantinePolicy: 'Quarantaine' } });

  expect(await apply({}, wrong)).toMatchObject({ outcome: 'refused', detail: mends('no such ANC policy') });
  expect(await enforcer.test(wrong)).toMatchObject({
    outcome: 'refused',
    detail: mends('no ANC policy "Quarantaine"'),
  });
  expect(await enforcer.test(at())).toMatchObject({
    outcome: 'acknowledged',
    detail: mends('"Quarantine" and "Block"'),
  });
  expect(ise.applied()).toEqual({});
});

test('reads what a device has, and knows nothing of one without a MAC', async () => {
  const read = async (mac: typeof laptop | null = laptop) => enforcer.read(at(), { ip: infected, mac });

  expect(await read()).toBe('free');
  await apply();
  expect(await read()).toBe('quarantined');
  ise.apply(laptop, 'Block');
  ise.apply('00:11:22:33:CA:00', 'Quarantine');
  expect(await read()).toBe('blocked');
  ise.apply(laptop, 'PortBounce');
  expect(await read()).toBe('unknown');
  ise.apply(laptop, null);
  expect(await read()).toBe('free');
  expect(await read(null)).toBe('unknown');
  ise.behave({ errorRate: 1 });
  expect(await read()).toBe('unknown');
});

test('a password that ISE does not know yet is followed by the one that it replaced, and the wrong ones end', async () => {
  const rotated = at({ password: 'hunter3', former: ['hunter2'] });

  expect(await apply({}, rotated)).toMatchObject({ outcome: 'acknowledged' });
  ise.changePasswords({ postern: 'hunter3' });
  expect(await apply({ wanted: 'free' }, rotated)).toMatchObject({ outcome: 'acknowledged' });
  expect(await apply()).toMatchObject({ outcome: 'refused', detail: mends('user and password') });
});

test.each<[string, object, string]>([
  ['fails', { errorRate: 1 }, 'It answered 503'],
  ['hangs', { hang: true }, 'answer-timeout'],
  ['tears off its answers', { resetRate: 1 }, 'connection-reset'],
])('an ISE that %s may be told later, and no socket is left', async (_case, behaviour, detail) => {
  ise.behave(behaviour);

  expect(await apply()).toMatchObject({ outcome: 'failed', detail: mends(detail) });
  await ise.deserted();
});

test.each([
  [401, 'refused'],
  [403, 'refused'],
  [404, 'refused'],
  [415, 'refused'],
  [307, 'refused'],
  [429, 'failed'],
  [500, 'failed'],
])('the answer %i without a word: %s', async (status, outcome) => {
  const server = await oddHttpServer((_heard, response) => response.writeHead(status, { location: '/' }).end());

  expect(await apply({}, aConnector(server, { settings }))).toMatchObject({ outcome });
  expect(server.accepted()).toBe(1);
  await server.stop();
});
