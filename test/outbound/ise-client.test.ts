import type { Enforcement, Enforcer, OpenConnector } from '../../shared/connectors/enforcer.ts';
import { iseEnforcer } from '../../shared/outbound/ise-client.ts';
import { type Ise, startIse } from '../simulators/ise.ts';
import { aConnector, anEnforcement, infected, laptop } from '../support/enforcements.ts';
import { oddHttpServer } from '../support/odd-server.ts';
import { reach, reachUntil } from '../support/questions.ts';

const settings = { quarantinePolicy: 'Quarantine', blockPolicy: 'Block' };
const asIse = '00:11:22:33:CA:FE';

let ise: Ise;
let enforcer: Enforcer;
beforeEach(async () => {
  enforcer = iseEnforcer(reach);
  ise = await startIse({ users: { postern: 'hunter2' } });
  ise.login(infected, laptop);
});
afterEach(async () => ise.stop());

const at = (told: Parameters<typeof aConnector>[1] = {}): OpenConnector =>
  aConnector(ise.server, { type: 'cisco-ise', settings, ...told });
const apply = async (told: Partial<Enforcement> = {}, connector = at()) =>
  enforcer.apply(connector, anEnforcement(told));
const mends = (text: string) => expect.stringContaining(text) as unknown;

/** What was asked to be changed. */
const changes = (of = ise) => of.questions().filter(({ told }) => told !== undefined);

test('applies the policy of what is wanted by the MAC, and clears it', async () => {
  expect(await apply()).toMatchObject({ outcome: 'acknowledged', detail: '204' });
  expect(ise.applied()).toEqual({ [asIse]: 'Quarantine' });
  expect(changes()).toEqual([
    { call: 'PUT /ers/config/ancendpoint/apply', told: { macAddress: asIse, policyName: 'Quarantine' } },
  ]);

  expect(await apply({ wanted: 'blocked', former: 'quarantined' })).toMatchObject({ outcome: 'acknowledged' });
  expect(ise.applied()).toEqual({ [asIse]: 'Block' });

  expect(await apply({ wanted: 'free', former: 'blocked' })).toMatchObject({ outcome: 'acknowledged' });
  expect(ise.applied()).toEqual({});
  expect(ise.statistics()).toMatchObject({ openSockets: 0, maxOpenSockets: 1 });
});

test('waits until the device is known: by an address ISE would take whoever has it then', async () => {
  expect(await apply({ mac: null })).toMatchObject({ outcome: 'failed', detail: mends('is not known yet') });
  expect(await apply({ mac: null, wanted: 'free' })).toMatchObject({ outcome: 'acknowledged' });
  expect(ise.questions()).toEqual([]);
});

test('a policy that is none of the two is never taken away, and the answer says so', async () => {
  for (const replaces of ['at-once', 'once-cleared'] as const) {
    const other = await startIse({ policies: ['Quarantine', 'Block', 'Shut_Down'], replaces });
    const connector = aConnector(other.server, { settings });
    other.apply(laptop, 'Shut_Down');

    expect(await apply({}, connector)).toMatchObject({ outcome: 'refused', detail: mends('"Shut_Down", which is none') }); // prettier-ignore
    expect(await apply({ wanted: 'free' }, connector)).toMatchObject({ outcome: 'acknowledged', detail: mends('"Shut_Down", which is none') }); // prettier-ignore

    expect(other.applied()).toEqual({ [asIse]: 'Shut_Down' });
    expect(changes(other)).toEqual([]);
    await other.stop();
  }
});

test('an ISE that wants one policy cleared before the next has it so, on one socket', async () => {
  const strict = await startIse({ replaces: 'once-cleared' });
  const connector = aConnector(strict.server, { settings });
  strict.apply(laptop, 'Quarantine');

  expect(await apply({ wanted: 'blocked', former: 'quarantined' }, connector)).toMatchObject({
    outcome: 'acknowledged',
  });

  expect(strict.applied()).toEqual({ [asIse]: 'Block' });
  expect(changes(strict).map(({ call }) => call.split('/').at(-1))).toEqual(['apply', 'clear', 'apply']);
  expect(strict.statistics()).toMatchObject({ maxOpenSockets: 1, openSockets: 0 });
  await strict.stop();
});

describe.each(['not-at-all', 'refused'] as const)('an ISE whose filter by MAC works %s', (filters) => {
  const crowd = (other: Ise) => {
    for (let device = 16; device < 160; device += 1) other.apply(`02:00:00:00:00:${device.toString(16)}`, 'Quarantine');
  };

  test('is told what is wanted all the same, and a device on none of its pages is not taken for free', async () => {
    const other = await startIse({ filters });
    const connector = aConnector(other.server, { settings });
    crowd(other);

    expect(await apply({}, connector)).toMatchObject({ outcome: 'acknowledged' });
    expect(other.applied()[asIse]).toBe('Quarantine');
    expect(await enforcer.read(connector, { ip: infected, mac: laptop })).toBe('unknown');

    expect(await apply({ wanted: 'free', former: 'quarantined' }, connector)).toMatchObject({ outcome: 'acknowledged' }); // prettier-ignore
    expect(other.applied()[asIse]).toBeUndefined();
    await other.stop();
  });

  test('has ours cleared for another of ours where it wants that', async () => {
    const other = await startIse({ filters, replaces: 'once-cleared' });
    const connector = aConnector(other.server, { settings });
    crowd(other);
    await apply({}, connector);

    expect(await apply({ wanted: 'blocked', former: 'quarantined' }, connector)).toMatchObject({ outcome: 'acknowledged' }); // prettier-ignore
    expect(other.applied()[asIse]).toBe('Block');
    await other.stop();
  });
});

test('what is so already is done, and nothing is changed for it', async () => {
  await apply();

  expect(await apply()).toMatchObject({ outcome: 'acknowledged', detail: mends('already') });
  expect(await apply({ wanted: 'free' })).toMatchObject({ outcome: 'acknowledged' });
  expect(await apply({ wanted: 'free' })).toMatchObject({ outcome: 'acknowledged', detail: mends('nothing is to be taken back') }); // prettier-ignore
  expect(changes()).toHaveLength(2);
});

test.each([
  ['mac address is already associated with this policy', 'acknowledged'],
  ['mac address is already associated with another policy', 'failed'],
  ['Policy is not configured', 'refused'],
  ['No active session found', 'failed'],
])(
  'what ISE says with the status 500 counts, as something may change after it was looked at: %s',
  async (title, outcome) => {
    const server = await oddHttpServer(({ call }, response) => {
      if (call.startsWith('GET')) response.end('{"SearchResult":{"resources":[]}}');
      else response.writeHead(500).end(JSON.stringify({ ERSResponse: { messages: [{ title }] } }));
    });

    expect(await apply({}, aConnector(server, { settings }))).toMatchObject({ outcome, detail: mends(title) });
    await server.stop();
  },
);

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
  const both = at({ settings: { ...settings, quarantinePolicy: 'Block' } });
  expect(await enforcer.read(both, { ip: infected, mac: laptop })).toBe('unknown');
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
  enforcer = iseEnforcer(reachUntil(detail));

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
