/** The front door as callers meet it: their own address counts, whatever they say, and nobody comes around it. */
import { request as send } from 'node:http';
import { frontDoorHeaders } from '../../shared/contract.ts';
import { needs } from './needs.ts';
import { call, type Service, startService } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(async () => service.stop());

const postPath = '/api/userfw/v1/post-entry';
const elsewhere = '198.51.100.7';

const as = (role: 'web-api' | 'operator', tenant: 'acme' | 'globex' = 'acme') => service.authorizations[tenant][role];

const entryOf = (ip: string) =>
  `<userfw-entries><userfw-entry><operation>logon</operation><IP>${ip}</IP><user>alice</user></userfw-entry></userfw-entries>`;

const post = async (tenant: 'acme' | 'globex', headers: Record<string, string> = {}, body = entryOf('192.0.2.50')) =>
  call(service.url, `POST ${postPath}`, as('web-api', tenant), body, headers);

const allow = async (tenant: 'acme' | 'globex', ...allowedClients: string[]) => {
  const { body } = await call(service.url, 'GET /v1/configuration', as('operator', tenant));
  const changed = JSON.stringify({ ...body, webApi: { ...(body.webApi as object), allowedClients } });
  const { status } = await call(service.url, 'PUT /v1/configuration', as('operator', tenant), changed);
  expect(status).toBe(200);
};

/** What somebody sends who wants to be taken for another. */
const forged = {
  [frontDoorHeaders.client]: elsewhere,
  [frontDoorHeaders.origin]: 'a'.repeat(64),
  'X-Forwarded-For': elsewhere,
  'CloudFront-Viewer-Address': `${elsewhere}:4711`,
};

test('an allow-list sees the address that the caller has, and each tenant has its own', async () => {
  await allow('acme', service.callerAddress);
  await allow('globex', elsewhere);

  expect((await post('acme')).status).toBe(200);
  expect(await post('globex')).toMatchObject({ status: 403 });
});

test('an address that a caller claims by headers is neither let in nor kept out', async () => {
  await allow('acme', service.callerAddress);
  await allow('globex', elsewhere);

  expect((await post('acme', forged)).status).toBe(200);
  expect(await post('globex', forged)).toMatchObject({ status: 403 });
  expect(await post('globex', { [frontDoorHeaders.client]: 'no address at all' })).toMatchObject({ status: 403 });
});

test('receipts tell the address that the caller has, those of a wrong password too', async () => {
  const [user = ''] = Buffer.from(as('web-api').replace('Basic ', ''), 'base64').toString().split(':');
  const wrong = `Basic ${Buffer.from(`${user}:wrong`).toString('base64')}`;

  await post('acme', forged);
  const refused = await call(service.url, `POST ${postPath}`, wrong, entryOf('192.0.2.50'), forged);
  const found = async (query: string) =>
    (await call(service.url, `GET /v1/receipts?limit=1&${query}`, as('operator'))).body.items;

  expect(refused.status).toBe(401);
  expect(await found('status=refused')).toMatchObject([
    { clientAddress: service.callerAddress, code: 'password-wrong' },
  ]);
  expect(await found('ip=192.0.2.50')).toMatchObject([{ kind: 'post', clientAddress: service.callerAddress }]);
});

needs('frontDoor').each([
  ['nothing of the front door', {}],
  ['a secret that is not its', { [frontDoorHeaders.origin]: 'a'.repeat(64), [frontDoorHeaders.client]: '127.0.0.1' }],
])('the bare address answers nobody: good credentials with %s are a 401', async (_, headers) => {
  await allow('acme', service.callerAddress);
  const around = async (tenant: 'acme' | 'globex', request: `${string} /${string}`, body?: string) =>
    call(service.runtime.bareUrl, request, as(body === undefined ? 'operator' : 'web-api', tenant), body, headers);

  const answers = [
    await around('acme', `POST ${postPath}`, entryOf('192.0.2.66')),
    await around('globex', 'GET /v1/entries'),
    await around('acme', 'GET /v1/health'),
  ];

  const usual = await call(service.url, 'GET /v1/health', 'Bearer nobody');
  for (const { status, body } of answers) {
    expect(status).toBe(401);
    expect({ ...body, requestId: '' }).toEqual({ ...usual.body, requestId: '' });
  }
  expect((await call(service.url, 'GET /v1/entries/192.0.2.66', as('operator'))).status).toBe(404);
});

needs('frontDoor')(
  'who is known by the front door is not let in around it within the minute that the answer is kept',
  async () => {
    const health = async (url: string) => (await call(url, 'GET /v1/health', as('operator'))).status;

    expect([await health(service.url), await health(service.runtime.bareUrl), await health(service.url)]).toEqual([
      200, 401, 200,
    ]);
  },
);

test('a post of 2 MB passes, one byte more does not', async () => {
  await allow('acme', service.callerAddress);
  const of = (bytes: number) => entryOf('192.0.2.50').replace('</userfw-entries>', (end) => end.padStart(bytes - entryOf('192.0.2.50').length + end.length)); // prettier-ignore

  expect((await post('acme', {}, of(2_097_152))).status).toBe(200);
  expect(await post('acme', {}, of(2_097_153))).toMatchObject({ status: 413 });
});

test('what the gateway answers comes through as it is: the challenge, what is not there, what is too large', async () => {
  const challenge = await call(service.url, 'GET /v1/health');
  const nowhere = await call(service.url, 'GET /nowhere', as('operator'));
  const tooLarge = await fetch(service.url + postPath, {
    method: 'POST',
    headers: { Authorization: as('web-api') },
    body: 'x'.repeat(10 * 1_024 * 1_024 + 1),
  });

  expect(challenge.status).toBe(401);
  expect(challenge.headers.get('WWW-Authenticate')).toBe('Basic realm="Postern"');
  expect(nowhere).toMatchObject({ status: 404, body: { code: 'route-unknown' } });
  expect(tooLarge.status).toBe(413);
  expect(await tooLarge.json()).toMatchObject({ code: 'body-too-large' });
});

needs('frontDoor')('what CloudFront lets nobody ask is refused before the gateway hears of it', async () => {
  const ask = async (method: string, body?: string) =>
    new Promise<{ status: number | undefined; type: string | undefined }>((resolve, reject) => {
      const options = { method, headers: { Authorization: as('operator'), 'Content-Length': body?.length ?? 0 } };
      send(`${service.url}/v1/health`, options, (answer) => {
        answer.resume();
        resolve({ status: answer.statusCode, type: answer.headers['content-type'] });
      })
        .once('error', reject)
        .end(body);
    });

  expect(await ask('GET')).toMatchObject({ status: 200 });
  expect(await ask('GET', 'a body')).toEqual({ status: 403, type: 'text/html' });
  expect(await ask('PROPFIND')).toEqual({ status: 403, type: 'text/html' });
});
