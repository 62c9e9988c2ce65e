/** What the doors of threat actions answer, and that whatever comes to them has its line in the event log. */
import { doors, refused } from '../../functions/receive-threat-action/handler.ts';
import { http } from '../../shared/edge/http.ts';
import { problemPulse } from '../../shared/edge/pulse.ts';
import { ServiceError } from '../../shared/service-error.ts';
import { aClient, admissionInTime, plainPolicies, aPolicy, sensorTemplate } from '../support/admission.ts';
import { aLogin, aRecord, laptop } from '../support/endpoints.ts';
import { acme, desk, globex, noon } from '../support/observations.ts';
import { aCaller, aContext, anApiEvent, type Sent } from '../support/requests.ts';

const events = 'POST /api/v1/admission-control/events';
const syslog = 'POST /api/v1/admission-control/syslog';

/** The caller of every request of these tests is at 203.0.113.9. */
const json = aClient({ address: '203.0.113.9' });
const sensor = aClient({ name: 'sensor-1', address: '198.51.100.7', template: 'sensor', relays: ['relay-1'] });
const ofSensor = [
  aPolicy({ name: 'infected', template: 'sensor', event: 'infected' }),
  aPolicy({ name: 'clean', template: 'sensor', event: 'clean', action: 'clear-quarantine', role: null }),
];

function service(clients = [json, sensor]) {
  const at = admissionInTime({
    clients,
    admissionPolicies: [...plainPolicies, ...ofSensor],
    templates: [sensorTemplate],
  });
  const handler = http(() => at.deps, doors, { refused, problem: problemPulse, now: () => noon });
  let requests = 0;
  const call = async (sent: Partial<Sent>) => {
    const caller = aCaller('threat-sender', { credentialName: 'relay-1' });
    const event = anApiEvent({ route: events, caller, ...sent });
    const requestContext = { ...event.requestContext, requestId: `request-${++requests}` };
    const { statusCode, body, headers } = await handler({ ...event, requestContext }, aContext());
    return { status: statusCode, headers, body: JSON.parse(body) as Record<string, unknown> };
  };
  return { ...at, call };
}

async function office(clients?: Parameters<typeof service>[0]) {
  const at = service(clients);
  await at.happens(laptop, { kind: 'authenticated', login: aLogin() });
  await at.happens(laptop, { kind: 'accounted', record: aRecord() });
  return at;
}

const plain = { event: 'quarantine-endpoint', endpointIp: desk };
const text = (told: unknown) => JSON.stringify(told);

test('an event is answered in the envelope, with what became of it', async () => {
  const at = await office();
  const { status, body } = await at.call({ body: text({ ...plain, eventId: 'e-1' }) });

  expect(status).toBe(200);
  expect(body).toEqual({
    result: { info: [{ message: `The endpoint ${laptop} is put into the quarantine role "quarantine".` }] },
    eventId: 'e-1',
    endpoint: { mac: laptop, ip: desk },
    state: 'applied',
    code: 'quarantined',
    operations: [(await at.endpoint(laptop))?.changes[0]?.id],
  });
});

test('to its sender an event that is stale is one that is ignored, and the log knows better', async () => {
  const at = await office();
  await at.call({ body: text({ ...plain, occurredAt: '2026-03-01T12:00:00Z' }) });
  const { body } = await at.call({ body: text({ ...plain, event: 'clear-quarantine-endpoint', occurredAt: '2026-03-01T11:59:59Z' }) }); // prettier-ignore

  expect(body).toMatchObject({ state: 'ignored', code: 'stale' });
  expect(at.lines().map(({ state }) => state)).toContain('stale');
});

const bad: readonly (readonly [what: string, sent: Partial<Sent>, status: number, code: string])[] = [
  ['nothing', {}, 400, 'json-invalid'],
  ['an empty body', { body: '' }, 400, 'json-invalid'],
  ['half a document', { body: '{"event":"quarantine-endpoint"' }, 400, 'json-invalid'],
  ['a document and more', { body: `${text(plain)}x` }, 400, 'json-invalid'],
  ['XML', { body: '<event/>' }, 400, 'json-invalid'],
  ['a form', { body: 'event=quarantine-endpoint&endpointIp=192.0.2.50' }, 400, 'json-invalid'],
  ['bytes that are no UTF-8', { body: Uint8Array.of(0x7b, 0xff, 0x7d) }, 400, 'json-invalid'],
  ['a zero byte', { body: '\0' }, 400, 'json-invalid'],
  ['null', { body: 'null' }, 422, 'event-unknown'],
  ['a list of events', { body: text([plain]) }, 422, 'event-unknown'],
  ['no event', { body: text({ endpointIp: desk }) }, 422, 'event-unknown'],
  ['an unknown event', { body: text({ ...plain, event: 'reboot-endpoint' }) }, 422, 'event-unknown'],
  ['an event of another type', { body: text({ ...plain, event: true }) }, 422, 'message-field-invalid'],
  ['no address', { body: text({ event: 'block-endpoint' }) }, 422, 'endpoint-ip-invalid'],
  ['a blank address', { body: text({ ...plain, endpointIp: ' ' }) }, 422, 'endpoint-ip-invalid'],
  ['a host name for the address', { body: text({ ...plain, endpointIp: 'laptop.acme.example' }) }, 422, 'endpoint-ip-invalid'], // prettier-ignore
  ['an address with a port', { body: text({ ...plain, endpointIp: '192.0.2.50:80' }) }, 422, 'endpoint-ip-invalid'],
  ['an octal address', { body: text({ ...plain, endpointIp: '192.0.02.50' }) }, 422, 'endpoint-ip-invalid'],
  ['a prefix', { body: text({ ...plain, endpointIp: '192.0.2.0/24' }) }, 422, 'endpoint-ip-invalid'],
  ['the unspecified address', { body: text({ ...plain, endpointIp: '::' }) }, 422, 'endpoint-ip-invalid'],
  ['two addresses', { body: text({ ...plain, endpointIp: ['192.0.2.50', '192.0.2.51'] }) }, 422, 'message-field-invalid'], // prettier-ignore
  ['a MAC that is none', { body: text({ ...plain, endpointMac: 'laptop' }) }, 422, 'endpoint-mac-invalid'],
  ['a MAC of all', { body: text({ ...plain, endpointMac: 'ff:ff:ff:ff:ff:ff' }) }, 422, 'endpoint-mac-invalid'],
  ['an unknown severity', { body: text({ ...plain, severity: 'critical' }) }, 422, 'severity-unknown'],
  ['a time without a zone', { body: text({ ...plain, occurredAt: '2026-03-01 12:00:00' }) }, 422, 'occurred-at-invalid'], // prettier-ignore
  ['a time as an object', { body: text({ ...plain, occurredAt: {} }) }, 422, 'message-field-invalid'],
  ['an endless user', { body: text({ ...plain, userName: 'a'.repeat(1_000) }) }, 422, 'message-field-invalid'],
  ['an endless message', { body: text({ ...plain, note: 'a'.repeat(70_000) }) }, 413, 'body-too-large'],
  ['a query', { body: text(plain), query: { dry: ['1'] } }, 422, 'parameter-unknown'],
  ['the credential of another role', { body: text(plain), caller: aCaller('operator') }, 403, 'role-refused'],
  ['a line that the pattern does not describe', { route: syslog, body: '<13>Mar  1 12:00:00 sensor-1 hello' }, 422, 'message-unmatched'], // prettier-ignore
  ['no line', { route: syslog, body: '\r\n' }, 403, 'admission-client-unknown'],
  ['the line of nobody', { route: syslog, body: '<13>Mar  1 12:00:00 sensor-2 infected host=192.0.2.50' }, 403, 'admission-client-unknown'], // prettier-ignore
  ['a line with a bad address', { route: syslog, body: '<13>Mar  1 12:00:00 sensor-1 infected host=laptop' }, 422, 'endpoint-ip-invalid'], // prettier-ignore
  ['an endless line', { route: syslog, body: `<13>Mar  1 12:00:00 sensor-1 ${'a'.repeat(8_193)}` }, 413, 'body-too-large'], // prettier-ignore
  ['too many lines', { route: syslog, body: 'x\n'.repeat(201) }, 413, 'body-too-large'],
];

test.each(bad)(
  '%s is refused with its code, changes nothing, and is one line in the log',
  async (_, sent, status, code) => {
    const at = await office();
    const answer = await at.call(sent);
    const told = (answer.body.results as Record<string, unknown>[] | undefined)?.[0] ?? answer.body;

    expect({ status: answer.status, code: told.code }).toEqual({ status, code });
    expect(told.result).toMatchObject({ warnings: [{ message: expect.stringMatching(/\w{3}.*\.$/) as string }] });
    expect(at.lines()).toMatchObject([{ state: 'refused', code, credentialName: expect.any(String) as string }]);
    expect(at.lines(globex)).toEqual([]);
    expect(await at.access(laptop)).toBe('full');
  },
);

test('an event from an address that is no client is refused, whatever it says', async () => {
  const at = await office([sensor]);
  const { status, body } = await at.call({ body: '{"event":' });

  expect({ status, code: body.code }).toEqual({ status: 403, code: 'admission-client-unknown' });
  expect(at.lines()).toMatchObject([{ state: 'refused', clientAddress: '203.0.113.9', sender: { name: null } }]);
});

test('what is refused is told with what could be read of it', async () => {
  const at = await office();
  await at.call({ body: text({ ...plain, event: 'reboot', endpointMac: laptop, eventId: 'e-1', threatName: 'W32' }) });

  expect(at.lines()).toMatchObject([
    { event: 'reboot', ip: desk, mac: laptop, eventId: 'e-1', threatName: 'W32', sender: { name: json.name }, template: json.template }, // prettier-ignore
  ]);
});

describe('lines of syslog', () => {
  const line = (what: string) => `<13>Mar  1 12:00:00 sensor-1 ids[7]: ${what}`;

  test('are each answered, in their order, and one that is bad does not spoil the others', async () => {
    const at = await office();
    const lines = [line(`trojan host=${desk} prio=1`), 'rubbish', line(`clean host=${desk}`), line('nothing')];
    const { status, body } = await at.call({ route: syslog, body: lines.join('\r\n') });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      received: 4,
      results: [
        { status: 200, state: 'applied', code: 'quarantined', endpoint: { mac: laptop } },
        { status: 403, code: 'admission-client-unknown' },
        { status: 200, state: 'applied', code: 'cleared' },
        { status: 422, code: 'message-unmatched' },
      ],
    });
    expect(at.lines()).toHaveLength(4);
    expect(new Set(at.lines().map(({ id }) => id)).size).toBe(4);
    expect(await at.access(laptop)).toBe('full');
  });

  test('that a relay hands on as JSON are read', async () => {
    const at = await office();
    const body = text({ 'fromhost-ip': sensor.address, rawmsg: `<13>Mar  1 12:00:00 ids-box infected host=${desk}` });
    expect((await at.call({ route: syslog, body })).body).toMatchObject({ results: [{ state: 'applied' }] });
  });

  test('for whom there is no time left are to be sent again', async () => {
    const at = await office();
    const handler = http(() => ({ ...at.deps, now: () => noon + 27_000 }), doors, { problem: problemPulse, now: () => noon }); // prettier-ignore
    const caller = aCaller('threat-sender', { credentialName: 'relay-1' });
    const answer = await handler(anApiEvent({ route: syslog, caller, body: line(`trojan host=${desk}`) }), aContext());

    expect(answer).toMatchObject({ statusCode: 503, headers: { 'Retry-After': '5' } });
    expect(await at.access(laptop)).toBe('full');
  });

  /** A handler of one call, with another of what it works with. */
  const callWith = async (deps: Awaited<ReturnType<typeof office>>['deps'], body: string) => {
    const caller = aCaller('threat-sender', { credentialName: 'relay-1' });
    const handler = http(() => deps, doors, { refused, problem: problemPulse, now: () => noon });
    const answer = await handler(anApiEvent({ route: syslog, caller, body }), aContext());
    return { status: answer.statusCode, body: JSON.parse(answer.body) as Record<string, unknown> };
  };

  test('that are sent again as a whole, since the time had run out, go on where they ended', async () => {
    const at = await office();
    const batch = [line(`trojan host=${desk} prio=1`), line('trojan host=192.0.2.60'), line('clean host=192.0.2.60')];
    let now = noon;
    const events = {
      ...at.deps.events,
      tell: async (...told: Parameters<typeof at.deps.events.tell>) => {
        now = noon + 27_000;
        return at.deps.events.tell(...told);
      },
    };
    const first = await callWith({ ...at.deps, events, now: () => now }, batch.join('\n'));
    expect(first).toMatchObject({
      status: 503,
      body: { results: [{ code: 'quarantined' }, { code: 'busy' }, { code: 'busy' }] },
    });

    await at.call({ route: syslog, body: `<13>Mar  1 12:00:01 sensor-1 ids[7]: clean host=${desk}` });
    const again = await at.call({ route: syslog, body: batch.join('\n') });

    const [{ eventId }] = first.body.results as [Record<string, unknown>];
    expect(again).toMatchObject({
      status: 200,
      body: { results: [{ state: 'replay', code: 'quarantined', eventId }, { state: 'pending' }, { state: 'applied', code: 'cleared' }] }, // prettier-ignore
    });
    expect(await at.access(laptop)).toBe('full');
    expect(at.lines(globex)).toEqual([]);
  });

  test.each(['<13>1 - sensor-1 ids 7 - -', '<13>1 now sensor-1 ids 7 - -'])(
    'that do not tell their time are new ones each time: %s',
    async (header) => {
      const at = await office();
      for (const what of ['trojan', 'clean', 'trojan']) {
        const { body } = await at.call({ route: syslog, body: `${header} ${what} host=${desk}` });
        expect(body).toMatchObject({ results: [{ state: 'applied' }] });
      }

      expect(await at.access(laptop)).toBe('quarantined');
    },
  );

  test('of which one fails on our side keep the answers before it, and none overtakes it', async () => {
    const at = await office();
    const endpoints = {
      ...at.deps.endpoints,
      at: async (...asked: Parameters<typeof at.deps.endpoints.at>) =>
        asked[1] === desk ? at.deps.endpoints.at(...asked) : Promise.reject(new ServiceError('busy', 'Slow. Repeat.')),
    };
    const batch = [line(`trojan host=${desk}`), line('trojan host=192.0.2.60'), line(`clean host=${desk}`)];
    const { status, body } = await callWith({ ...at.deps, endpoints }, batch.join('\n'));

    expect({ status, body }).toMatchObject({
      status: 503,
      body: { received: 3, results: [{ status: 200, code: 'quarantined' }, { status: 503, code: 'busy' }, { status: 503, code: 'busy' }] }, // prettier-ignore
    });
    expect(await at.access(laptop)).toBe('quarantined');
    expect(at.lines()).toMatchObject([{ state: 'refused', code: 'busy', sender: { name: 'sensor-1' } }, { state: 'applied' }]); // prettier-ignore
    expect(at.lines(globex)).toEqual([]);
  });
});

test('a fault of ours is 503, so that it is sent again', async () => {
  const at = await office();
  const broken = { ...at.deps, settingsOf: async () => Promise.reject(new Error('down')) };
  const handler = http(() => broken, doors, { refused, problem: problemPulse, now: () => noon });
  const answer = await handler(
    anApiEvent({ route: events, caller: aCaller('threat-sender'), body: text(plain) }),
    aContext(),
  );

  expect(answer).toMatchObject({ statusCode: 503, headers: { 'Retry-After': '5' } });
  expect(JSON.parse(answer.body)).toMatchObject({ code: 'internal-error' });
  expect(at.lines(acme)).toMatchObject([{ state: 'refused', code: 'internal-error' }]);
});
