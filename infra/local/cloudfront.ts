/**
 * CloudFront: the template's distribution, in front of the API's own address. It keeps nothing, so it only changes what it
 * hands on: it runs the template's function, shows the secret, and leaves the gateway with its own address.
 */
import { randomBytes } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import * as v from 'valibot';
import { type Front } from './api-gateway.ts';
import { type Arrival, sent } from './api-gateway-request.ts';
import type { HttpAnswer } from './api-gateway-responses.ts';
import { account, immaterial, madeUpId, resourceType, type Template } from './template.ts';

const edgeFunction = resourceType(
  'AWS::CloudFront::Function',
  v.strictObject({
    AutoPublish: v.literal(true),
    FunctionCode: v.string(),
    FunctionConfig: v.strictObject({
      Comment: immaterial('it is for people'),
      Runtime: v.literal('cloudfront-js-2.0'),
    }),
    Name: immaterial('it is for people'),
  }),
  { attributes: { FunctionARN: (id) => `arn:aws:cloudfront::${account}:function/${id}` } },
);

/** AWS's own policies: nothing is cached; everything of the request goes on to the origin, but for `Host`. */
const cachingDisabled = v.literal('4135ea2d-6df8-44a3-9df3-4b5a84be39ad');
const allViewerExceptHost = v.literal('b689b0a8-53d0-40ab-baf2-68738e2966ac');

const isUntouched = immaterial('here the connection is to this machine, and never leaves it');

const origin = v.strictObject({
  CustomOriginConfig: v.strictObject({
    OriginProtocolPolicy: isUntouched,
    OriginReadTimeout: v.pipe(v.number(), v.minValue(30)), // more than API Gateway takes, so that it never ends one
    OriginSSLProtocols: isUntouched,
  }),
  DomainName: v.string(),
  Id: v.string(),
  OriginCustomHeaders: v.array(v.strictObject({ HeaderName: v.string(), HeaderValue: v.string() })),
  OriginPath: v.string(),
});

const distribution = resourceType(
  'AWS::CloudFront::Distribution',
  v.strictObject({
    DistributionConfig: v.strictObject({
      Comment: immaterial('it is for people'),
      CustomErrorResponses: v.array(v.strictObject({ ErrorCachingMinTTL: v.literal(0), ErrorCode: v.number() })),
      DefaultCacheBehavior: v.strictObject({
        AllowedMethods: v.array(v.string()),
        CachePolicyId: cachingDisabled,
        Compress: v.literal(false),
        FunctionAssociations: v.strictTuple([
          v.strictObject({ EventType: v.literal('viewer-request'), FunctionARN: v.string() }),
        ]),
        OriginRequestPolicyId: allViewerExceptHost,
        TargetOriginId: v.string(),
        ViewerProtocolPolicy: immaterial('this machine answers plain HTTP too, as nobody else can hear it'),
      }),
      Enabled: v.literal(true),
      HttpVersion: immaterial('callers of this machine speak HTTP/1.1'),
      IPV6Enabled: isUntouched,
      Origins: v.strictTuple([origin]),
    }),
  }),
  {
    id: (place) => madeUpId(place, 13).toUpperCase(),
    attributes: { DomainName: (id) => domainNameOf(id) },
  },
);

export const cloudFrontTypes = [distribution, edgeFunction];

const domainNameOf = (id: string) => `d${id.toLowerCase()}.cloudfront.net`;

/** What API Gateway sees of CloudFront: an address for examples, which belongs to nobody. */
const edgeAddress = '203.0.113.254';

export interface CloudFront {
  readonly domainName: string;
  readonly front: Front;
}

/** The distribution in front of the API at this host, where the template has one. */
export function cloudFrontOf(template: Template): CloudFront | undefined {
  const [found] = template.all(distribution);
  if (!found) return undefined;
  const { AllowedMethods, FunctionAssociations } = found.properties.DistributionConfig.DefaultCacheBehavior;
  const [{ DomainName: originName, OriginCustomHeaders }] = found.properties.DistributionConfig.Origins;
  const functions = template.all(edgeFunction);
  const used = functions.find(({ id }) => FunctionAssociations[0].FunctionARN.endsWith(`/${id}`));
  const run = viewerRequest(used?.properties.FunctionCode ?? '');
  const domainName = domainNameOf(found.id);

  const front: Front = (arrival) => {
    if (!AllowedMethods.includes(arrival.method) || (arrival.method === 'GET' && hasBody(arrival))) return refused();
    const headers = run(arrival);
    const before = headers.get('x-forwarded-for') ?? [];
    headers.set('host', [originName]);
    headers.set('via', [...(headers.get('via') ?? []), `${arrival.httpVersion} ${domainName} (CloudFront)`]);
    headers.set('x-amz-cf-id', [randomBytes(40).toString('base64url')]);
    headers.set('x-forwarded-for', [[...before, arrival.sourceIp].join(', ')]);
    for (const { HeaderName, HeaderValue } of OriginCustomHeaders) headers.set(HeaderName.toLowerCase(), [HeaderValue]);
    const rawHeaders = [...headers].flatMap(([name, values]) => values.flatMap((value) => [name, value]));
    return { ...arrival, rawHeaders, sourceIp: edgeAddress, port: 443, scheme: 'https', httpVersion: '1.1' };
  };
  return { domainName, front };
}

interface EdgeHeader {
  readonly value: string;
  readonly multiValue?: readonly { readonly value: string }[];
}
type EdgeHeaders = Record<string, EdgeHeader>;
type Handler = (event: object) => { readonly headers: EdgeHeaders };

/** Runs the function on a request, and takes from it the headers, by their names in small letters. */
function viewerRequest(code: string): (arrival: Arrival) => Map<string, string[]> {
  const handler = runInNewContext(`${code}\n;handler`) as Handler;
  return (arrival) => {
    const { method, url, sourceIp } = arrival;
    const [uri = '/'] = url.split('?');
    const request = { method, uri, querystring: {}, headers: edgeHeadersOf(arrival), cookies: {} };
    const { headers } = handler({ version: '1.0', context: {}, viewer: { ip: sourceIp }, request });
    return new Map(
      Object.entries(headers).map(([name, { value, multiValue }]) => [
        name,
        multiValue ? multiValue.map((each) => each.value) : [value],
      ]),
    );
  };
}

function edgeHeadersOf({ rawHeaders }: Arrival): EdgeHeaders {
  const values = new Map<string, string[]>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    values.set(name.toLowerCase(), [...(values.get(name.toLowerCase()) ?? []), value]);
  }
  return Object.fromEntries(
    [...values].map(([name, all]) => [
      name,
      { value: all[0] ?? '', ...(all.length > 1 && { multiValue: all.map((value) => ({ value })) }) },
    ]),
  );
}

const hasBody = (arrival: Arrival) =>
  Number(sent(arrival, 'content-length') ?? 0) > 0 || sent(arrival, 'transfer-encoding') !== undefined;

/** What CloudFront says of methods that it does not let through, and of a `GET` with a body. */
const refused = (): HttpAnswer => ({
  status: 403,
  headers: [
    ['Content-Type', 'text/html'],
    ['X-Cache', 'Error from cloudfront'],
  ],
  body: Buffer.from('<h1>403 ERROR</h1><h2>The request could not be satisfied.</h2>'),
});
