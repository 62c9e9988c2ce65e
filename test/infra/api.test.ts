import { routes } from '../../shared/contract.ts';
import { referred, resources, templates, type Resource } from '../support/stacks.ts';

const { service } = templates();
const apiResources = resources(service, 'AWS::ApiGateway::Resource');
const methods = [...resources(service, 'AWS::ApiGateway::Method').values()].map(({ Properties }) => ({
  path: pathOf(referred(Properties.ResourceId)),
  method: String(Properties.HttpMethod),
  answeredBy: /"(\w+?)[0-9A-F]{8}","Arn"/.exec(JSON.stringify(Properties.Integration))?.[1],
  Properties,
}));

test.each(Object.entries(routes))(
  '%s is answered by the function that the contract names',
  (route, { function: name }) => {
    const [method, path] = route.split(' ');
    const ofPath = methods.filter((each) => each.path === path);
    const chosen = ofPath.find((each) => each.method === method) ?? ofPath.find((each) => each.method === 'ANY');

    expect(chosen?.answeredBy?.toLowerCase()).toBe(name.replaceAll('-', ''));
  },
);

test('no path is served but those of the contract, and each takes every method', () => {
  const paths = new Set(Object.keys(routes).map((route) => route.split(' ')[1]));

  expect(new Set(methods.map(({ path }) => path))).toEqual(paths);
  expect(new Set(methods.filter(({ method }) => method === 'ANY').map(({ path }) => path))).toEqual(paths);
});

test('every method is behind the authorizer, and hands the whole request over', () => {
  for (const { Properties } of methods) {
    expect(Properties).toMatchObject({ AuthorizationType: 'CUSTOM', Integration: { Type: 'AWS_PROXY' } });
    expect(referred(Properties.AuthorizerId)).toBe('ApiAuthorizer');
  }
});

test('there is one authorizer, which is asked again after a minute about the same credentials by the same door', () => {
  const authorizers = resources(service, 'AWS::ApiGateway::Authorizer');

  expect([...authorizers.values()].map(({ Properties }) => Properties)).toEqual([
    expect.objectContaining({
      Type: 'REQUEST',
      IdentitySource: 'method.request.header.Authorization,method.request.header.x-postern-origin',
      AuthorizerResultTtlInSeconds: 60,
    }),
  ]);
});

test('bodies are handed over as the bytes that were sent', () => {
  expect(one('AWS::ApiGateway::RestApi').Properties.BinaryMediaTypes).toEqual(['*/*']);
});

test('the stage is live, bounded as a whole and traced', () => {
  expect(one('AWS::ApiGateway::Stage').Properties).toMatchObject({
    StageName: 'live',
    TracingEnabled: true,
    MethodSettings: [{ HttpMethod: '*', ResourcePath: '/*', ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 }],
  });
});

test('the access log names who, what and the outcome, and nothing that could hold a password', () => {
  const { DestinationArn, Format } = one('AWS::ApiGateway::Stage').Properties.AccessLogSetting as Record<
    string,
    unknown
  >;

  expect(referred(DestinationArn)).toBe('ApiAccessLog');
  expect(Object.keys(JSON.parse(String(Format)) as object)).toEqual(
    expect.arrayContaining(['clientAddress', 'tenant', 'credential', 'method', 'path', 'status', 'refusedAs']),
  );
  expect(Format).not.toMatch(/header|error\.message/i);
});

describe('what API Gateway itself answers', () => {
  const answers = new Map(
    [...resources(service, 'AWS::ApiGateway::GatewayResponse').values()].map(({ Properties }) => [
      String(Properties.ResponseType),
      {
        status: Properties.StatusCode,
        headers: Properties.ResponseParameters as Record<string, string>,
        body: JSON.parse((Properties.ResponseTemplates as Record<string, string>)['application/json'] ?? '') as object,
      },
    ]),
  );

  test.each([
    'THROTTLED',
    'QUOTA_EXCEEDED',
    'AUTHORIZER_FAILURE',
    'AUTHORIZER_CONFIGURATION_ERROR',
    'INTEGRATION_FAILURE',
    'INTEGRATION_TIMEOUT',
    'DEFAULT_5XX',
  ])('%s is a 503 that says when to come again', (type) => {
    expect(answers.get(type)).toMatchObject({
      status: '503',
      headers: { 'gatewayresponse.header.Retry-After': "'5'" },
      body: { status: 503, code: 'busy' },
    });
  });

  test('whoever comes without credentials, or with wrong ones, is challenged for a password', () => {
    expect(answers.get('UNAUTHORIZED')).toMatchObject({
      status: '401',
      headers: { 'gatewayresponse.header.WWW-Authenticate': `'Basic realm="Postern"'` },
      body: { status: 401, code: 'unauthorized' },
    });
  });

  test.each([
    ['MISSING_AUTHENTICATION_TOKEN', '404', 'route-unknown'],
    ['INVALID_SIGNATURE', '404', 'route-unknown'],
    ['REQUEST_TOO_LARGE', '413', 'body-too-large'],
    ['ACCESS_DENIED', '403', 'access-denied'],
  ])('%s is a %s with the code %s', (type, status, code) => {
    expect(answers.get(type)).toMatchObject({ status, body: { status: Number(status), code } });
  });

  test('what is refused in any other way keeps its status', () => {
    expect(answers.get('DEFAULT_4XX')?.status).toBeUndefined();
  });

  test('all of it is a problem document like our own, and repeats nothing that was sent', () => {
    for (const { headers, body } of answers.values()) {
      expect(headers['gatewayresponse.header.Content-Type']).toBe("'application/problem+json'");
      expect(Object.keys(body)).toEqual(expect.arrayContaining(['type', 'title', 'code', 'detail', 'requestId']));
      expect(JSON.stringify(body)).not.toContain('$context.error.message');
    }
  });
});

function pathOf(name: string): string {
  const resource = apiResources.get(name);
  if (!resource) return '';
  return `${pathOf(referred(resource.Properties.ParentId))}/${String(resource.Properties.PathPart)}`;
}

function one(type: string): Resource {
  const [resource, ...others] = resources(service, type).values();
  if (!resource || others.length > 0) throw new Error(`There is not one ${type} but ${others.length + 1}.`);
  return resource;
}
