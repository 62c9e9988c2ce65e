import { runInNewContext } from 'node:vm';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { OriginSecrets } from '../../infra/constructs/origin-secrets.ts';
import { frontDoorBy } from '../../infra/front-door.ts';
import { clientAddressWriter, FrontDoorStack } from '../../infra/front-door-stack.ts';
import { stageNamed } from '../../infra/stage.ts';
import { frontDoorHeaders } from '../../shared/contract.ts';
import { type ContextValues, referred, resources, templates } from '../support/stacks.ts';

/** The front door that these values make, of a deployment that has nothing else. */
function frontDoorOf({ stage, ...values }: ContextValues = {}): Template {
  const frontDoor = frontDoorBy(values);
  if (frontDoor.kind === 'none') throw new Error('There is no front door.');
  const app = new App({ analyticsReporting: false });
  const service = new Stack(app, 'PosternService');
  const api = new RestApi(service, 'Api', { deployOptions: { stageName: 'live' } });
  api.root.addMethod('ANY');
  const originSecret = new OriginSecrets(service, 'OriginSecret', 1).current;
  return Template.fromStack(
    new FrontDoorStack(app, 'PosternFrontDoor', { stage: stageNamed(stage), frontDoor, api, originSecret }),
  );
}

/** What the whole app makes of these values; it takes its time. */
const deployments = new Map<string, ReturnType<typeof templates>>();
function deploymentOf(context: ContextValues = {}) {
  const key = JSON.stringify(context);
  const deployment = deployments.get(key) ?? templates(context);
  deployments.set(key, deployment);
  return deployment;
}

interface DistributionConfig {
  readonly DefaultCacheBehavior: Readonly<Record<string, unknown>>;
  readonly CustomErrorResponses: readonly { readonly ErrorCode: number; readonly ErrorCachingMinTTL: number }[];
  readonly Origins: readonly Readonly<Record<string, unknown>>[];
  readonly Logging?: { readonly Bucket: unknown };
}

const distributionIn = (template: Template) =>
  [...resources(template, 'AWS::CloudFront::Distribution').values()][0]?.Properties
    .DistributionConfig as DistributionConfig;

const secretsIn = (text: unknown) => [...JSON.stringify(text).matchAll(/Number(\d+)/g)].map(([, number]) => number);

describe('CloudFront, where nothing is said', () => {
  const distribution = distributionIn(frontDoorOf());

  test('takes every method over HTTPS alone, and hands on all of a request but the name of the host', () => {
    expect(distribution).toMatchObject({
      HttpVersion: 'http2and3',
      DefaultCacheBehavior: {
        AllowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
        ViewerProtocolPolicy: 'https-only',
        OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac', // AllViewerExceptHostHeader
      },
    });
  });

  test('keeps nothing: no answer, and no error', () => {
    expect(distribution.DefaultCacheBehavior).toMatchObject({
      CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad', // CachingDisabled
      Compress: false,
    });
    const kept = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];
    expect(distribution.CustomErrorResponses).toEqual(kept.map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 0 })));
  });

  test('asks the API at its stage, by TLS 1.2, and waits longer than the API takes', () => {
    expect(distribution.Origins).toEqual([
      expect.objectContaining({
        OriginPath: '/live',
        CustomOriginConfig: {
          OriginProtocolPolicy: 'https-only',
          OriginSSLProtocols: ['TLSv1.2'],
          OriginReadTimeout: 35,
        },
      }),
    ]);
    expect(referred((distribution.Origins[0]?.DomainName as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1][0])).toBe('Api'); // prettier-ignore
  });

  test('shows a secret that CloudFormation generates, and that stands in no template', () => {
    const { service, frontDoor } = deploymentOf();
    const [secret, ...others] = resources(service, 'AWS::SecretsManager::Secret').values();

    expect(others).toEqual([]);
    expect(secret?.Properties).toMatchObject({
      GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true },
    });
    expect(secret?.Properties).not.toHaveProperty('SecretString');
    const [header] = distribution.Origins[0]?.OriginCustomHeaders as { HeaderName: string; HeaderValue: unknown }[];
    expect(header?.HeaderName).toBe('x-postern-origin');
    expect(JSON.stringify(header?.HeaderValue)).toMatch(/\{\{resolve:secretsmanager:.*:SecretString:::\}\}/);
    expect(JSON.stringify(frontDoor?.toJSON())).not.toContain('GenerateSecretString');
  });

  test('tells what is set in a client', () => {
    expect(Object.keys(frontDoorOf().toJSON().Outputs as object)).toEqual(['Url', 'HostAndPort']);
  });

  test.each([
    ['a new deployment', {}, ['1'], ['1'], ['1']],
    ['the fourth rotation', { originSecret: '5' }, ['5', '4'], ['5', '4'], ['5']],
  ])(
    'in %s the API takes the newest secret and the one before, and the front door shows the newest',
    (_, context, made, taken, shown) => {
      // prettier-ignore
      const { service, frontDoor } = deploymentOf(context);
      const secrets = [...resources(service, 'AWS::SecretsManager::Secret').keys()];
      const { Variables } = resources(service, 'AWS::Lambda::Function').get('Authorize')?.Properties.Environment as { Variables: Record<string, unknown> }; // prettier-ignore

      expect(secretsIn(secrets)).toEqual(made);
      expect(secretsIn([Variables.ORIGIN_SECRET, Variables.FORMER_ORIGIN_SECRET ?? null]).map((n) => n?.[0])).toEqual(taken); // prettier-ignore
      expect(secretsIn(distributionIn(frontDoor ?? service).Origins).map((number) => number?.[0])).toEqual(shown);
    },
  );

  test('goes on showing the secret before while the API already takes the next: it stays exported', () => {
    const { Outputs } = deploymentOf({ originSecret: '5' }).service.toJSON() as { Outputs: object };

    expect(Object.keys(Outputs).filter((name) => /^ExportsOutputRefOriginSecretNumber[45]/.test(name))).toHaveLength(2);
  });

  test('production keeps a log of who was turned away at the edge; a sandbox would leave its bucket behind', () => {
    const production = frontDoorOf({ stage: 'production' });

    expect(distributionIn(production).Logging).toBeDefined();
    production.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 90, Status: 'Enabled' }] },
    });
    frontDoorOf().resourceCountIs('AWS::S3::Bucket', 0);
  });
});

describe('the function at the edge', () => {
  const handler = runInNewContext(`${clientAddressWriter};handler`) as (event: object) => unknown;
  const run = (headers: object) =>
    handler({ version: '1.0', viewer: { ip: '203.0.113.9' }, request: { method: 'GET', uri: '/', headers } });

  test('is the one that CloudFront runs on every request', () => {
    const [edge] = resources(frontDoorOf(), 'AWS::CloudFront::Function').values();

    expect(edge?.Properties).toMatchObject({
      FunctionCode: clientAddressWriter,
      FunctionConfig: { Runtime: 'cloudfront-js-2.0' },
      AutoPublish: true,
    });
    expect(distributionIn(frontDoorOf()).DefaultCacheBehavior.FunctionAssociations).toMatchObject([
      { EventType: 'viewer-request' },
    ]);
  });

  test.each([
    ['nothing', {}],
    ['another address', { [frontDoorHeaders.client]: { value: '198.51.100.7' } }],
    ['several', { [frontDoorHeaders.client]: { value: '198.51.100.7', multiValue: [{ value: '198.51.100.7' }, { value: '198.51.100.8' }] } }], // prettier-ignore
  ])('writes the address of the connection where the caller has sent %s, and leaves all else', (_, sent) => {
    expect(run({ host: { value: 'postern.example.net' }, ...sent })).toEqual({
      method: 'GET',
      uri: '/',
      headers: { host: { value: 'postern.example.net' }, [frontDoorHeaders.client]: { value: '203.0.113.9' } },
    });
  });
});

describe('a domain name of the provider’s', () => {
  const context = { domain: 'postern.example.net' };

  test('has the API at its root, by TLS 1.2, with a certificate that ACM makes', () => {
    const frontDoor = frontDoorOf(context);

    frontDoor.hasResourceProperties('AWS::ApiGateway::DomainName', {
      DomainName: 'postern.example.net',
      SecurityPolicy: 'TLS_1_2',
      EndpointConfiguration: { Types: ['REGIONAL'] },
    });
    const [mapping] = resources(frontDoor, 'AWS::ApiGateway::BasePathMapping').values();
    expect(mapping?.Properties).not.toHaveProperty('BasePath');
    expect(mapping?.Properties).toHaveProperty('Stage');
    frontDoor.hasResourceProperties('AWS::CertificateManager::Certificate', {
      DomainName: 'postern.example.net',
      ValidationMethod: 'DNS',
    });
    frontDoor.resourceCountIs('AWS::CloudFront::Distribution', 0);
    expect(frontDoor.toJSON().Outputs).toMatchObject({ Url: { Value: 'https://postern.example.net' } });
  });

  test('takes a certificate that is there already', () => {
    const certificate = 'arn:aws:acm:eu-central-1:000000000000:certificate/1234-abcd';
    const frontDoor = frontDoorOf({ ...context, certificate });

    frontDoor.hasResourceProperties('AWS::ApiGateway::DomainName', { RegionalCertificateArn: certificate });
    frontDoor.resourceCountIs('AWS::CertificateManager::Certificate', 0);
  });

  test('leaves the API no other address, and asks nobody for a secret', () => {
    const { service } = deploymentOf(context);

    service.hasResourceProperties('AWS::ApiGateway::RestApi', { DisableExecuteApiEndpoint: true });
    service.hasResourceProperties('AWS::ApiGateway::Authorizer', {
      IdentitySource: 'method.request.header.Authorization',
    });
    service.resourceCountIs('AWS::SecretsManager::Secret', 0);
  });

  test('may stand beside a second one, for clients that show a certificate; they are asked for credentials too', () => {
    const ownershipCertificate = 'arn:aws:acm:eu-central-1:000000000000:certificate/5678';
    const frontDoor = frontDoorOf({ ...context, mutualTls: 'clients.example.net=package.json', ownershipCertificate });
    const domains = resources(frontDoor, 'AWS::ApiGateway::DomainName');

    expect(domains.get('Domain')?.Properties).not.toHaveProperty('MutualTlsAuthentication');
    expect(domains.get('MutualTlsDomain')?.Properties).toMatchObject({
      DomainName: 'clients.example.net',
      MutualTlsAuthentication: { TruststoreUri: { 'Fn::Join': ['', ['s3://', expect.anything(), expect.anything()]] } },
      OwnershipVerificationCertificateArn: ownershipCertificate,
    });
    frontDoor.resourceCountIs('AWS::ApiGateway::BasePathMapping', 2);
    expect(frontDoor.toJSON().Outputs).toMatchObject({ MutualTlsUrl: { Value: 'https://clients.example.net' } });
    for (const { Properties } of resources(deploymentOf(context).service, 'AWS::ApiGateway::Method').values()) {
      expect(Properties.AuthorizationType).toBe('CUSTOM');
    }
  });
});

test('without a front door the API has its bare address and no other', () => {
  const { service, frontDoor } = deploymentOf({ frontDoor: 'none' });

  expect(frontDoor).toBeUndefined();
  service.hasResourceProperties('AWS::ApiGateway::Authorizer', {
    IdentitySource: 'method.request.header.Authorization',
  });
  service.resourceCountIs('AWS::SecretsManager::Secret', 0);
  expect(JSON.stringify(resources(service, 'AWS::ApiGateway::RestApi').get('Api'))).not.toContain('DisableExecuteApi');
});

test.each([
  [{ frontDoor: 'nginx' }, /no front door "nginx". Say one of: cloudfront, domain, none/],
  [{ frontDoor: 'domain' }, /Say which: -c domain=postern\.example\.net/],
  [{ frontDoor: 'none', domain: 'postern.example.net' }, /Leave out one of them/],
  [{ domain: 'https://postern.example.net/' }, /domain is "https.*Say a domain name in small letters/],
  [{ domain: 'postern' }, /Say a domain name/],
  [{ mutualTls: 'clients.example.net' }, /Say -c mutualTls=NAME=FILE/],
  [{ mutualTls: 'clients.example.net=nowhere.pem' }, /"nowhere.pem", which is not there/],
  [{ domain: 'a.example.net', mutualTls: 'a.example.net=package.json' }, /a name of its own/],
  [{ domain: 'a.example.net', certificate: 'mine' }, /certificate is "mine". Say the ARN/],
  [{ certificate: 'arn:aws:acm:eu-central-1:000000000000:certificate/1' }, /belongs to a domain name/],
  [{ originSecret: '0' }, /originSecret is "0". Say its number/],
  [{ originSecret: 'next' }, /one more for each rotation/],
])('%j is refused, with what to say instead', (context, said) => {
  expect(() => frontDoorBy(context)).toThrow(said);
});
