/** What a function is given: the first half of what API Gateway promises, as captured from AWS by others. */
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { connect } from 'node:net';
import type { Runtime } from '../../../infra/local/runtime.ts';
import { anApi, answering, cleanUp, echo, run } from './example-app.ts';
import { send, type Sent } from './http-client.ts';

let runtime: Runtime;

beforeAll(async () => {
  runtime = await run(
    anApi({
      routes: {
        'ANY /v1/entries': 'echo',
        'ANY /v1/entries/{ip}': 'echo',
        'GET /v1/entries/counters': 'counters',
        'ANY /files/{path+}': 'echo',
        'POST /bytes': 'bytes',
      },
      functions: {
        echo,
        counters: answering(`{ statusCode: 200, body: 'counters' }`),
        bytes: answering(`{ statusCode: 200, body: event.body, isBase64Encoded: event.isBase64Encoded }`),
      },
    }),
  );
});
afterAll(cleanUp);

async function eventOf(path: string, sent?: Sent): Promise<APIGatewayProxyEvent> {
  const { text } = await send(runtime.url, path, sent);
  return JSON.parse(text) as APIGatewayProxyEvent;
}

test('an event has the keys of a REST API, and null where there is nothing', async () => {
  const event = await eventOf('/v1/entries');

  expect(Object.keys(event).sort()).toEqual([
    'body',
    'headers',
    'httpMethod',
    'isBase64Encoded',
    'multiValueHeaders',
    'multiValueQueryStringParameters',
    'path',
    'pathParameters',
    'queryStringParameters',
    'requestContext',
    'resource',
    'stageVariables',
  ]);
  expect(event).toMatchObject({
    body: null,
    isBase64Encoded: false,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    queryStringParameters: null,
    stageVariables: null,
  });
});

test('the request context has the keys of a REST API, and an authorizer only where there is one', async () => {
  const { requestContext } = await eventOf('/v1/entries/10.0.0.1');

  expect(Object.keys(requestContext).sort()).toEqual([
    'accountId',
    'apiId',
    'deploymentId',
    'domainName',
    'domainPrefix',
    'extendedRequestId',
    'httpMethod',
    'identity',
    'path',
    'protocol',
    'requestId',
    'requestTime',
    'requestTimeEpoch',
    'resourceId',
    'resourcePath',
    'stage',
  ]);
  expect(requestContext).toMatchObject({ protocol: 'HTTP/1.1', resourcePath: '/v1/entries/{ip}', stage: 'live' });
  expect(requestContext.requestTime).toMatch(/^\d\d\/[A-Z][a-z][a-z]\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
  expect(requestContext.identity).toMatchObject({ accountId: null, caller: null, sourceIp: '127.0.0.1', user: null });
});

test.each(['10.0.0.1%2F24', '2001%3Adb8%3A%3A1', '10.0.0.1%2B', 'a%20b'])(
  'a path parameter stays percent-encoded: %s',
  async (sent) => {
    const { path, pathParameters, resource } = await eventOf(`/v1/entries/${sent}`);

    expect({ path, pathParameters, resource }).toEqual({
      path: `/v1/entries/${sent}`,
      pathParameters: { ip: sent },
      resource: '/v1/entries/{ip}',
    });
  },
);

test('a trailing slash stays in the path and makes no other resource', async () => {
  expect(await eventOf('/v1/entries/')).toMatchObject({ path: '/v1/entries/', resource: '/v1/entries' });
});

test('a greedy parameter has the rest of the path, without the slashes around it', async () => {
  const { path, pathParameters } = await eventOf('/files/a/b%2Fc/');

  expect({ path, pathParameters }).toEqual({ path: '/files/a/b%2Fc/', pathParameters: { path: 'a/b%2Fc' } });
});

test('a literal word is meant before a parameter, and its resource alone decides on the method', async () => {
  expect((await send(runtime.url, '/v1/entries/counters')).text).toBe('counters');
  expect((await send(runtime.url, '/v1/entries/counters', { method: 'DELETE' })).status).toBe(403);
});

test('a query is decoded once, its last value wins, and the multi map has all in order', async () => {
  const event = await eventOf('/v1/entries?ip=a%2Bb&user=x+y&ip=c&flag&empty=&cut=1;rest=2');

  expect(event.queryStringParameters).toEqual({ ip: 'c', user: 'x y', flag: '', empty: '', cut: '1', rest: '2' });
  expect(event.multiValueQueryStringParameters).toMatchObject({ ip: ['a+b', 'c'], flag: [''] });
});

test('headers keep the case of their names, and of repeated ones the last wins', async () => {
  const headers = { 'tEsT-HEADeR': 'x', 'X-Probe': ['first', 'second'], authorization: 'Basic eDp5' };
  const event = await eventOf('/v1/entries', { headers });

  expect(event.headers).toMatchObject({ 'tEsT-HEADeR': 'x', 'X-Probe': 'second', Authorization: 'Basic eDp5' });
  expect(event.multiValueHeaders).toMatchObject({ 'X-Probe': ['first', 'second'] });
  expect(Object.keys(event.headers).map((name) => name.toLowerCase())).not.toContain('connection');
});

test('what a client says of its own address does not become the source', async () => {
  const event = await eventOf('/v1/entries', { headers: { 'X-Forwarded-For': '203.0.113.9' } });

  expect(event.requestContext.identity.sourceIp).toBe('127.0.0.1');
  expect(event.headers['X-Forwarded-For']).toBe('203.0.113.9, 127.0.0.1');
});

test('a body is base64 even where it is JSON, and no content type is added to one without', async () => {
  const event = await eventOf('/v1/entries', { method: 'POST', body: '{}' });

  expect(event).toMatchObject({ body: 'e30=', isBase64Encoded: true });
  expect(Object.keys(event.headers).map((name) => name.toLowerCase())).not.toContain('content-type');
});

test.each([{}, { 'Content-Type': 'application/octet-stream' }, { 'Content-Type': 'text/xml' }])(
  'bytes come back as they were sent with %j',
  async (headers) => {
    const body = Buffer.from([0xff, 0xfe, 0x00]);

    expect((await send(runtime.url, '/bytes', { method: 'POST', headers, body })).body).toEqual(body);
  },
);

test('a client that asks whether to go on is told so', async () => {
  const headers = { Expect: '100-continue' };

  expect((await send(runtime.url, '/bytes', { method: 'POST', headers, body: 'later' })).text).toBe('later');
});

test('a client of HTTP/1.0 is answered, and its connection ends', async () => {
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(new URL(runtime.url).port), '127.0.0.1').setTimeout(60_000, () => socket.destroy());
    let text = '';
    socket.on('data', (data) => (text += data.toString())).on('error', reject);
    socket.on('end', () => resolve(text));
    socket.write('GET /v1/entries/1 HTTP/1.0\r\n\r\n');
  });

  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(answer).toContain('"protocol":"HTTP/1.0"');
});

test('HEAD calls the function and sends no body', async () => {
  const { status, headers, text } = await send(runtime.url, '/v1/entries', { method: 'HEAD' });

  expect({ status, text }).toEqual({ status: 200, text: '' });
  expect(Number(headers['content-length'])).toBeGreaterThan(100);
});

test('what API Gateway does not take is refused before any function sees it', async () => {
  const statusOf = async (path: string, sent?: Sent) => (await send(runtime.url, path, sent)).status;

  expect(await statusOf('/v1/entries?filter={a}')).toBe(400);
  expect(await statusOf(`/v1/entries/${'1'.repeat(10_300)}`)).toBe(414);
  expect(await statusOf('/v1/entries', { headers: { Long: 'x'.repeat(10_300) } })).toBe(431);
});
