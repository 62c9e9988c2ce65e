/** What a caller is answered: the second half of what API Gateway promises. */
import type { Runtime } from '../../../infra/local/runtime.ts';
import { anApi, answering, cleanUp, run } from './example-app.ts';
import { send } from './http-client.ts';

const internalError = '{"message":"Internal server error"}';
const answers: Record<string, string> = {
  plain: `{ statusCode: '201', body: 'made', headers: null }`,
  headers: `{ statusCode: 200, headers: { 'X-Flag': true, 'X-Both': 'one' }, multiValueHeaders: { 'x-both': ['one', 'two'] } }`,
  typed: `{ statusCode: 200, headers: { 'content-type': 'text/plain' }, body: 'x' }`,
  remapped: `{ statusCode: 401, headers: { 'WWW-Authenticate': 'Basic', Date: 'never', 'X-Kept': 'yes' } }`,
  base64: `{ statusCode: 200, body: '//4A', isBase64Encoded: true }`,
  notBase64: `{ statusCode: 200, body: '%', isBase64Encoded: true }`,
  extraKey: `{ statusCode: 200, body: 'secret', why: 'secret' }`,
  text: `'secret'`,
  nothing: `undefined`,
  numericHeader: `{ statusCode: 200, headers: { 'X-Number': 1 }, body: 'secret' }`,
  brokenHeader: `{ statusCode: 200, headers: { 'X-Lines': 'a\\nb' }, body: 'secret' }`,
  objectBody: `{ statusCode: 200, body: { secret: 1 } }`,
  noStatus: `{ body: 'secret' }`,
  wordStatus: `{ statusCode: 'fine', body: 'secret' }`,
  throws: `(() => { throw new Error('secret'); })()`,
  exits: `process.exit(0)`,
  rejectsElsewhere: `(Promise.reject(new Error('secret')), new Promise(() => {}))`,
  hangs: `new Promise(() => {})`,
  slow: `new Promise((resolve) => setTimeout(() => resolve({ statusCode: 200 }), 600))`,
  large: `{ statusCode: 200, body: 'x'.repeat(6_300_000) }`,
};
const functions = Object.fromEntries(Object.entries(answers).map(([name, value]) => [name, answering(value)]));
const routes = Object.fromEntries(Object.keys(answers).map((name) => [`ANY /${name}`, name]));

let runtime: Runtime;

beforeAll(async () => {
  const settings = { hangs: { Timeout: 1 }, slow: { Timeout: 5 } };
  runtime = await run(anApi({ routes, functions, settings }), { limits: { integrationMs: 60_000 } });
});
afterAll(cleanUp);

test('an answer is JSON unless its function says otherwise, and carries what it is found by', async () => {
  const { status, headers, text } = await send(runtime.url, '/plain');

  expect({ status, text }).toEqual({ status: 201, text: 'made' });
  expect(headers['content-type']).toBe('application/json');
  expect(headers).toMatchObject({
    'x-amz-apigw-id': expect.any(String) as string,
    'x-amzn-requestid': expect.any(String) as string,
    'x-amzn-trace-id': expect.stringMatching(/^Root=1-/) as string,
  });
  expect((await send(runtime.url, '/typed')).headers['content-type']).toBe('text/plain');
});

test('headers and multi value headers are one list, without the pairs that stand in both', async () => {
  const { headers } = await send(runtime.url, '/headers');

  expect(headers).toMatchObject({ 'x-flag': 'true', 'x-both': 'one | two' });
});

test('headers that API Gateway keeps to itself go out under another name', async () => {
  const { headers } = await send(runtime.url, '/remapped');

  expect(headers).toMatchObject({ 'x-amzn-remapped-www-authenticate': 'Basic', 'x-amzn-remapped-date': 'never' });
  expect(headers).toMatchObject({ 'x-kept': 'yes', date: expect.stringContaining('GMT') as string });
  expect(headers).not.toHaveProperty('www-authenticate');
});

test('a body in base64 goes out as its bytes; one that is no base64 is an error', async () => {
  expect((await send(runtime.url, '/base64')).body).toEqual(Buffer.from([0xff, 0xfe, 0x00]));
  expect(await send(runtime.url, '/notBase64')).toMatchObject({ status: 500, text: internalError });
});

test.each([
  ...['extraKey', 'text', 'nothing', 'numericHeader', 'brokenHeader', 'objectBody', 'noStatus', 'wordStatus'],
  ...['throws', 'exits', 'rejectsElsewhere', 'hangs', 'large'],
])('a malformed answer or a failing function is 502 and tells nothing of itself: %s', async (name) => {
  const { status, headers, text } = await send(runtime.url, `/${name}`);

  expect({ status, text }).toEqual({ status: 502, text: internalError });
  expect(headers['x-amzn-errortype']).toBe('InternalServerErrorException');
});

test('a function that failed is there again for the next request', async () => {
  await send(runtime.url, '/exits');

  expect((await send(runtime.url, '/exits')).status).toBe(502);
  expect((await send(runtime.url, '/plain')).status).toBe(201);
});

test('a function that takes longer than the gateway waits is 504', async () => {
  const impatient = await run(anApi({ routes, functions }), { limits: { integrationMs: 200 } });

  expect(await send(impatient.url, '/slow')).toMatchObject({
    status: 504,
    text: '{"message":"Endpoint request timed out"}',
  });
});

test('a body of 10 MB is the most that is taken, and an event of 6 MB the most that a function is given', async () => {
  const post = (bytes: number) => send(runtime.url, '/plain', { method: 'POST', body: Buffer.alloc(bytes, 'x') });

  expect((await post(4_000_000)).status).toBe(201);
  expect((await post(5_000_000)).status).toBe(413);
  expect(await post(10 * 1_024 * 1_024 + 1)).toMatchObject({ status: 413, text: '{"message":"Request Too Long"}' });
});

test('an unknown resource or method has the answer that AWS gives it', async () => {
  const { status, headers, text } = await send(runtime.url, '/nowhere');

  expect({ status, text }).toEqual({ status: 403, text: '{"message":"Missing Authentication Token"}' });
  expect(headers['x-amzn-errortype']).toBe('MissingAuthenticationTokenException');
});

describe('gateway responses', () => {
  const problem = '{"title":$context.error.messageString,"type":"$context.error.responseType","path":"$context.path"}';

  test('replace what the gateway answers: an unknown route, a throttled one', async () => {
    const { url, advanceClock } = await run(
      anApi({
        routes,
        functions,
        methodSettings: { ThrottlingBurstLimit: 2, ThrottlingRateLimit: 1 },
        gatewayResponses: {
          MISSING_AUTHENTICATION_TOKEN: { StatusCode: '404', ResponseTemplates: { 'application/json': problem } },
          THROTTLED: { StatusCode: '503', ResponseParameters: { 'gatewayresponse.header.Retry-After': "'5'" } },
        },
      }),
    );

    const statuses = [];
    for (let sent = 0; sent < 3; sent += 1) statuses.push((await send(url, '/plain')).status);
    const throttled = await send(url, '/plain');
    advanceClock(2_000);

    expect(await send(url, '/nowhere')).toMatchObject({
      status: 404,
      text: '{"title":"Missing Authentication Token","type":"MISSING_AUTHENTICATION_TOKEN","path":"/nowhere"}',
    });
    expect(statuses.slice(0, 2)).toEqual([201, 201]);
    expect(throttled).toMatchObject({ status: 503, text: '{"message":"Too Many Requests"}' });
    expect(throttled.headers['retry-after']).toBe('5');
    expect((await send(url, '/plain')).status).toBe(201);
  });

  test('of their class stand in for those that are not there, and leave answers of functions alone', async () => {
    const { url } = await run(
      anApi({
        routes,
        functions,
        gatewayResponses: {
          DEFAULT_5XX: { StatusCode: '503', ResponseParameters: { 'gatewayresponse.header.Content-Type': "'a/b'" } },
          DEFAULT_4XX: { ResponseTemplates: { 'text/plain': 'no: $context.error.message' } },
        },
      }),
    );

    expect(await send(url, '/throws')).toMatchObject({ status: 503, headers: { 'content-type': 'a/b' } });
    expect(await send(url, '/nowhere', { headers: { Accept: 'text/plain;q=1' } })).toMatchObject({
      status: 403,
      text: 'no: Missing Authentication Token',
      headers: { 'content-type': 'text/plain' },
    });
    expect(await send(url, '/remapped')).toMatchObject({ status: 401, text: '' });
  });
});

test('without a permission the gateway calls no function', async () => {
  const elsewhere = {
    Service: { 'Fn::Sub': 'arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/GET/other' },
  };
  const app = anApi({ routes: { 'GET /plain': 'plain' }, functions: { plain: functions.plain ?? '' } });
  const permission = {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: { 'Fn::GetAtt': ['plain', 'Arn'] },
      Principal: 'apigateway.amazonaws.com',
      SourceArn: elsewhere.Service,
    },
  };
  const Resources = { ...app.stacks.Service?.Resources, plainPermission: permission };
  const { url } = await run({ ...app, stacks: { Service: { Resources } } });

  expect(await send(url, '/plain')).toMatchObject({ status: 500, text: internalError });
});
