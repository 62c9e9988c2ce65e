import { type HttpRequest, http, json, readJson } from '../../shared/edge/http.ts';
import { ServiceError } from '../../shared/service-error.ts';
import { noon } from '../support/observations.ts';
import { aCaller, aContext, anApiEvent, aRequest, type Sent } from '../support/requests.ts';

const operator = aCaller('operator');
const echo = async (_: object, request: HttpRequest) =>
  Promise.resolve(json(200, { ...request, body: [...request.body] }));

async function send(
  sent: Partial<Sent> = {},
  door: (deps: object, request: HttpRequest) => Promise<ReturnType<typeof json>> = echo,
) {
  const handler = http(() => ({}), { 'GET /v1/entries': door, 'GET /v1/entries/{ip}': door }, { now: () => noon });
  const event = anApiEvent({ route: 'GET /v1/entries', caller: operator, ...sent });
  const { statusCode, headers, body } = await handler(event, aContext(10_000));
  return { status: statusCode, headers, body: JSON.parse(body) as Record<string, unknown> };
}

test('a door gets the caller, the body as it was sent, and the time it has', async () => {
  const body = new Uint8Array([0xff, 0xfe, 0x00]);

  const answer = await send({ body, headers: { 'X-Custom': 'Value' } });

  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({
    tenant: 'acme',
    role: 'operator',
    clientAddress: '203.0.113.9',
    body: [0xff, 0xfe, 0],
  });
  expect(answer.body).toMatchObject({ receivedAt: noon, deadlineAt: noon + 10_000 });
});

describe('the address of a caller', () => {
  const addressOf = async (headers: Record<string, string>, clientAddressIn?: string) => {
    const caller = aCaller('operator', clientAddressIn === undefined ? {} : { clientAddressIn });
    return (await send({ headers, caller })).body.clientAddress;
  };

  test.each(['192.0.2.77', '2001:db8::77'])('is what the front door wrote, where there is one: %s', async (address) => {
    expect(await addressOf({ 'X-Postern-Client': address }, 'x-postern-client')).toBe(address);
  });

  test('is that of the connection where there is no front door, whatever headers say', async () => {
    expect(await addressOf({ 'x-postern-client': '192.0.2.77', 'X-Forwarded-For': '192.0.2.78' })).toBe('203.0.113.9');
  });

  test.each(['', ' ', '192.0.2.77, 192.0.2.78', '192.0.2.777', 'a'.repeat(10_000), '__proto__', '\u0000'])(
    'is that of the connection where the header says none: %j',
    async (value) => {
      expect(await addressOf({ 'x-postern-client': value }, 'x-postern-client')).toBe('203.0.113.9');
      expect(await addressOf({}, 'x-postern-client')).toBe('203.0.113.9');
    },
  );
});

test('header names are found in any case', async () => {
  const door = async (_: object, { headers }: HttpRequest) =>
    Promise.resolve(json(200, { accept: headers.get('accept') }));

  expect((await send({ headers: { aCCept: 'application/xml' } }, door)).body).toEqual({ accept: 'application/xml' });
});

test('a path parameter is decoded once, and one that cannot be decoded is refused', async () => {
  const route = 'GET /v1/entries/{ip}';

  expect((await send({ route, parameters: { ip: '2001%3Adb8%3A%3A1%252F' } })).body.parameters).toEqual({
    ip: '2001:db8::1%2F',
  });
  expect(await send({ route, parameters: { ip: '%E0%A4%A' } })).toMatchObject({
    status: 400,
    body: { code: 'path-invalid' },
  });
});

test('a wrong method is told which ones there are', async () => {
  const answer = await send({ route: 'PATCH /v1/entries' });

  expect(answer).toMatchObject({
    status: 405,
    headers: { Allow: 'GET, DELETE' },
    body: { code: 'method-not-allowed' },
  });
});

test('a role that the route table does not name is refused, with those that it does', async () => {
  const answer = await send({ caller: aCaller('web-api') });

  expect(answer).toMatchObject({ status: 403, body: { code: 'role-refused' } });
  expect(answer.body.detail).toContain('enforcement-point or operator or auditor');
});

test('an error of ours is a problem document with its code, and what it says is how to mend it', async () => {
  const door = async () => Promise.reject(new ServiceError('address-invalid', 'Write it so.', { line: 3, column: 4 }));

  const answer = await send({}, door);

  expect(answer.headers).toMatchObject({ 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' });
  expect(answer).toMatchObject({ status: 400, body: { code: 'address-invalid', detail: 'Write it so.', line: 3, column: 4, requestId: 'request-1' } }); // prettier-ignore
});

test('a failure that nobody foresaw is a 503 to repeat, and its text is not shown', async () => {
  const answer = await send({}, async () => Promise.reject(new Error('secret connection string')));

  expect(answer).toMatchObject({ status: 503, headers: { 'Retry-After': '5' }, body: { code: 'internal-error' } });
  expect(JSON.stringify(answer)).not.toContain('secret');
});

test('whoever refuses a request, the entrance hears of it and may put it in a form of its own', async () => {
  const heard: string[] = [];
  const handler = http(
    () => heard,
    { 'POST /api/userfw/v1/post-entry': async () => Promise.resolve(json(200, {})) },
    {
      refused: async (list, _, { code }) => Promise.resolve(void list.push(code)),
      problem: ({ status, document }) => ({ status, body: `<${document.code}/>` }),
    },
  );

  const answer = await handler(anApiEvent({ route: 'POST /api/userfw/v1/post-entry', caller: operator }), aContext());

  expect(answer).toMatchObject({ statusCode: 403, body: '<role-refused/>' });
  expect(heard).toEqual(['role-refused']);
});

test.each([
  ['{"a": 1', /not JSON/],
  [new Uint8Array([0x22, 0xff, 0x22]), /not UTF-8/],
])('a body that is no JSON is refused with the reason: %p', (body, reason) => {
  expect(() => readJson(aRequest({ body: Buffer.from(body) }))).toThrow(reason);
});
