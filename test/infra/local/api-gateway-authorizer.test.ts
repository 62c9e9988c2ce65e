/** Who is let in, for how long it is remembered, and what everybody else is told. */
import { APIGatewayClient, FlushStageAuthorizersCacheCommand } from '@aws-sdk/client-api-gateway';
import type { APIGatewayProxyEvent, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { anApi, cleanUp, type ExampleApi, echo, run } from './example-app.ts';
import { send } from './http-client.ts';

afterAll(cleanUp);

/** An authorizer that does what the caller's credential names, and counts how often it was asked. */
const authorizer = `
let asked = 0;
const policy = (Effect, Resource) => ({ Statement: [{ Action: 'execute-api:Invoke', Effect, Resource }] });
export const handler = async (event) => {
  asked += 1;
  const everywhere = event.methodArn.replace(/live\\/.*/, 'live/*');
  const principalId = 'ann';
  switch (event.headers.Authorization) {
    case 'allow': return { principalId, policyDocument: policy('Allow', everywhere), context: { asked, text: 'x', yes: true, none: null } };
    case 'here': return { principalId, policyDocument: policy('Allow', event.methodArn) };
    case 'deny': return { principalId, policyDocument: policy('Deny', everywhere) };
    case 'silent': return { principalId, policyDocument: { Statement: [] } };
    case 'object': return { principalId, policyDocument: policy('Allow', everywhere), context: { deep: {} } };
    case 'nobody': return { policyDocument: policy('Allow', everywhere) };
    case 'event': return { principalId, policyDocument: policy('Allow', everywhere), context: { event: JSON.stringify(event) } };
    case 'broken': throw new Error('secret');
    default: throw new Error('Unauthorized');
  }
};`;

const unauthorized = {
  StatusCode: '401',
  ResponseParameters: { 'gatewayresponse.header.WWW-Authenticate': `'Basic realm="x"'` },
};

async function anApiWith(properties: Record<string, unknown>, parts: Partial<ExampleApi> = {}) {
  const runtime = await run(
    anApi({
      routes: { 'ANY /v1/entries': 'echo', 'ANY /v1/entries/{ip}': 'echo' },
      functions: { echo, authorizer },
      authorizer: properties,
      gatewayResponses: { UNAUTHORIZED: unauthorized },
      ...parts,
    }),
  );
  const call = (credential?: string, path = '/v1/entries') =>
    send(runtime.url, path, credential === undefined ? {} : { headers: { authorization: credential } });
  const asked = async () => {
    const event = JSON.parse((await call('allow')).text) as APIGatewayProxyEvent;
    return Number(event.requestContext.authorizer?.asked);
  };
  return { ...runtime, call, asked };
}

test('with a time to live, no Authorization is refused with a challenge and without a call', async () => {
  const { call, asked } = await anApiWith({ AuthorizerResultTtlInSeconds: 60 });

  const { status, headers, text } = await call();
  await call('');

  expect({ status, text }).toEqual({ status: 401, text: '{"message":"Unauthorized"}' });
  expect(headers['www-authenticate']).toBe('Basic realm="x"');
  expect(await asked()).toBe(1);
});

test('with no time to live, the function is asked at every request, also without Authorization', async () => {
  const { call, asked } = await anApiWith({ AuthorizerResultTtlInSeconds: 0 });

  expect((await call()).status).toBe(401);
  expect(await asked()).toBe(2);
  expect(await asked()).toBe(3);
});

test('the functions are told of the caller in text, but for the latency', async () => {
  const { call } = await anApiWith({});

  const { requestContext } = JSON.parse((await call('allow')).text) as APIGatewayProxyEvent;

  expect(requestContext.authorizer).toEqual({
    asked: '1',
    integrationLatency: expect.any(Number) as number,
    none: null,
    principalId: 'ann',
    text: 'x',
    yes: 'true',
  });
});

test('the authorizer sees the request without its body', async () => {
  const { call } = await anApiWith({});

  const { requestContext } = JSON.parse((await call('event', '/v1/entries/10.0.0.1?a=b')).text) as APIGatewayProxyEvent;
  const event = JSON.parse(String(requestContext.authorizer?.event)) as APIGatewayRequestAuthorizerEvent;

  expect(event).toMatchObject({
    httpMethod: 'GET',
    pathParameters: { ip: '10.0.0.1' },
    queryStringParameters: { a: 'b' },
    resource: '/v1/entries/{ip}',
    type: 'REQUEST',
  });
  expect(event.methodArn).toMatch(/^arn:aws:execute-api:[\w-]+:\d{12}:\w{10}\/live\/GET\/v1\/entries\/10\.0\.0\.1$/);
  expect(event).not.toHaveProperty('body');
});

test('a policy for one path that is remembered refuses the next path', async () => {
  const { call } = await anApiWith({ AuthorizerResultTtlInSeconds: 60 });

  expect((await call('here')).status).toBe(200);
  expect(await call('here', '/v1/entries/1')).toMatchObject({
    status: 403,
    text: '{"Message":"User is not authorized to access this resource"}',
  });
});

test.each([
  [
    'deny',
    403,
    '{"Message":"User is not authorized to access this resource with an explicit deny"}',
    'AccessDeniedException',
  ],
  ['silent', 403, '{"Message":"User is not authorized to access this resource"}', 'AccessDeniedException'],
  ['unknown', 401, '{"message":"Unauthorized"}', 'UnauthorizedException'],
  ['broken', 500, '{"message":null}', 'AuthorizerFailure'],
  ['object', 500, '{"message":null}', 'AuthorizerConfigurationException'],
  ['nobody', 500, '{"message":null}', 'AuthorizerConfigurationException'],
])('an authorizer that answers "%s" makes %i', async (credential, status, text, type) => {
  const { call } = await anApiWith({});

  const answer = await call(credential);

  expect(answer).toMatchObject({ status, text });
  expect(answer.headers['x-amzn-errortype']).toBe(type);
});

test('an answer is remembered for its time by the moved clock, for each credential, and no refusal by throwing is', async () => {
  const { asked, call, advanceClock } = await anApiWith({ AuthorizerResultTtlInSeconds: 60 });

  expect([await asked(), await asked()]).toEqual([1, 1]);
  await call('unknown');
  await call('unknown');
  advanceClock(59_000);
  expect(await asked()).toBe(1);
  advanceClock(2_000);
  expect(await asked()).toBe(4);
});

test('the flush of the stage makes everybody be asked for anew', async () => {
  const { asked, outputs, environment } = await anApiWith({ AuthorizerResultTtlInSeconds: 60 });
  const client = new APIGatewayClient({
    endpoint: environment.AWS_ENDPOINT_URL_API_GATEWAY ?? '',
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });

  expect(await asked()).toBe(1);
  await client.send(new FlushStageAuthorizersCacheCommand({ restApiId: outputs.RestApiId, stageName: 'live' }));

  expect(await asked()).toBe(2);
  const elsewhere = new FlushStageAuthorizersCacheCommand({ restApiId: 'other', stageName: 'live' });
  await expect(client.send(elsewhere)).rejects.toThrow('does not know');
});
