/**
 * Which requests the firewall before the API could stop, found from the template by evaluating its rules. What AWS's groups
 * hold is their documentation's word; where that says only what a rule looks at, whatever it looks at counts as a match.
 */
import { readdirSync, readFileSync } from 'node:fs';

import { onlyCounted } from '../../infra/constructs/managed-rules.ts';
import { resources, templates } from '../support/stacks.ts';

const { firewall = templates().data } = templates({ stage: 'production' });
const acl = resources(firewall, 'AWS::WAFv2::WebACL').get('WebAcl')?.Properties as unknown as {
  readonly DefaultAction: unknown;
  readonly Rules: readonly Rule[];
};

interface Rule {
  readonly Name: string;
  readonly Action?: unknown;
  readonly Statement: {
    readonly RateBasedStatement?: { readonly Limit: number; readonly EvaluationWindowSec: number };
    readonly ManagedRuleGroupStatement?: {
      readonly Name: string;
      readonly RuleActionOverrides?: readonly {
        readonly Name: string;
        readonly ActionToUse: { readonly Count?: object };
      }[];
    };
  };
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

type Stops = (sent: Sent) => boolean;
const ifBody: Stops = ({ body }) => body.length > 0;
const ifQuery: Stops = ({ query }) => query !== '';
const ifCookie: Stops = ({ headers }) => headers.cookie !== undefined;
const inHeaders =
  (pattern: RegExp): Stops =>
  ({ headers }) =>
    pattern.test(JSON.stringify(headers));
const inPath =
  (pattern: RegExp): Stops =>
  ({ path }) =>
    pattern.test(path);

/** The blocking rules of AWS's groups, by what they look at. */
const groups: Readonly<Record<string, Readonly<Record<string, Stops>>>> = {
  // By address alone, which is the same for each request of a sender.
  AWSManagedRulesAmazonIpReputationList: {},
  AWSManagedRulesKnownBadInputsRuleSet: {
    JavaDeserializationRCE_HEADER: inHeaders(/java\.lang|rO0AB/),
    JavaDeserializationRCE_BODY: ifBody,
    JavaDeserializationRCE_URIPATH: inPath(/java\.lang/),
    JavaDeserializationRCE_QUERYSTRING: ifQuery,
    Host_localhost_HEADER: ({ headers }) => (headers.host ?? '').includes('localhost'),
    PROPFIND_METHOD: ({ method }) => method === 'PROPFIND',
    ExploitablePaths_URIPATH: inPath(/web-inf|\.git|\.env/i),
    Log4JRCE_HEADER: inHeaders(/\$\{jndi:/),
    Log4JRCE_QUERYSTRING: ifQuery,
    Log4JRCE_BODY: ifBody,
    Log4JRCE_URIPATH: inPath(/\$\{/),
    ReactJSRCE_BODY: ifBody,
  },
  AWSManagedRulesCommonRuleSet: {
    NoUserAgent_HEADER: ({ headers }) => headers['user-agent'] === undefined,
    UserAgent_BadBots_HEADER: ({ headers }) => /nessus|nmap|sqlmap/i.test(headers['user-agent'] ?? ''),
    SizeRestrictions_QUERYSTRING: ({ query }) => query.length > 2_048,
    SizeRestrictions_Cookie_HEADER: ({ headers }) => (headers.cookie ?? '').length > 10_240,
    SizeRestrictions_BODY: ({ body }) => body.length > 8_192,
    SizeRestrictions_URIPATH: ({ path }) => path.length > 1_024,
    EC2MetaDataSSRF_BODY: ifBody,
    EC2MetaDataSSRF_COOKIE: ifCookie,
    EC2MetaDataSSRF_URIPATH: inPath(/169\.254/),
    EC2MetaDataSSRF_QUERYARGUMENTS: ({ query }) => query.includes('169.254'),
    GenericLFI_QUERYARGUMENTS: ({ query }) => query.includes('../'),
    GenericLFI_URIPATH: inPath(/\.\.\//),
    GenericLFI_BODY: ifBody,
    RestrictedExtensions_URIPATH: inPath(/\.(log|ini|bak|conf)$/),
    RestrictedExtensions_QUERYARGUMENTS: ({ query }) => /\.(log|ini|bak|conf)\b/.test(query),
    GenericRFI_QUERYARGUMENTS: ({ query }) => /:\/\/\d/.test(query),
    GenericRFI_BODY: ifBody,
    GenericRFI_URIPATH: inPath(/:\/\/\d/),
    CrossSiteScripting_COOKIE: ifCookie,
    CrossSiteScripting_QUERYARGUMENTS: ({ query }) => /<script|javascript:/i.test(query),
    CrossSiteScripting_BODY: ifBody,
    CrossSiteScripting_URIPATH: inPath(/<script/i),
  },
};

/** The rules that would stop this. */
function stopping(sent: Sent, rules = acl.Rules): string[] {
  return rules.flatMap(({ Statement: { ManagedRuleGroupStatement: group } }) => {
    const counted = (group?.RuleActionOverrides ?? []).map(({ Name }) => Name);
    return Object.entries(groups[group?.Name ?? ''] ?? {})
      .filter(([name, stops]) => !counted.includes(name) && stops(sent))
      .map(([name]) => name);
  });
}

/** As a ClearPass posts: no agent, no type, its password in a header. */
const post = (body: Uint8Array): Sent => ({
  method: 'POST',
  path: '/live/api/userfw/v1/post-entry',
  query: '',
  headers: { host: 'postern.example.net', authorization: 'Basic YWNtZS1hYmNkZWZnaDpzZWNyZXQ=' },
  body,
});

const look = (path: string, query = ''): Sent => ({ ...post(new Uint8Array()), method: 'GET', path, query });

const captured = new URL('../examples/clearpass/', import.meta.url);

test.each(readdirSync(captured))('a post as ClearPass sends it gets through: %s', (file) => {
  expect(stopping(post(readFileSync(new URL(file, captured))))).toEqual([]);
});

test('a post of 2 MB gets through, whatever is in it', () => {
  expect(stopping(post(Buffer.alloc(2_097_152, '<user>../../etc ${jndi:ldap://x} <script>')))).toEqual([]);
});

test.each([
  look('/live/v1/entries/169.254.169.254'),
  look('/live/v1/users/backup.log/why'),
  look('/live/v1/entries', `cursor=${'a'.repeat(3_000)}`),
  look('/live/v1/entries', 'ip=169.254.10.1'),
])('a good question gets through: %j', (sent) => {
  const certain = stopping(sent).filter((rule) => !/^(JavaDeserialization|Log4J)/.test(rule)); // of these only the place is known

  expect(certain).toEqual([]);
});

test('the rules are really asked: without the exceptions the same posts are stopped, and attacks are with them', () => {
  const strict = acl.Rules.map(({ Statement, ...rule }) => ({
    ...rule,
    Statement: {
      ManagedRuleGroupStatement: { Name: Statement.ManagedRuleGroupStatement?.Name ?? '', RuleActionOverrides: [] },
    },
  }));

  expect(stopping(post(Buffer.alloc(2_097_152)), strict)).toEqual(
    expect.arrayContaining(['NoUserAgent_HEADER', 'SizeRestrictions_BODY', 'GenericRFI_BODY', 'Log4JRCE_BODY']),
  );
  expect(stopping(look('/live/.git/config'))).toEqual(['ExploitablePaths_URIPATH']);
  expect(stopping({ ...look('/live/'), headers: { 'x-any': '${jndi:ldap://x}' } })).toEqual(['Log4JRCE_HEADER']);
});

test('every exception is of a rule that there is, only counts, and says why', () => {
  for (const { Statement } of acl.Rules) {
    const { Name = '', RuleActionOverrides = [] } = Statement.ManagedRuleGroupStatement ?? {};
    expect(RuleActionOverrides.filter(({ ActionToUse }) => ActionToUse.Count === undefined)).toEqual([]);
    for (const { Name: rule } of RuleActionOverrides) expect(Object.keys(groups[Name] ?? {})).toContain(rule);
  }
  for (const reason of Object.values(onlyCounted).flatMap(Object.values)) expect(reason).toMatch(/^[A-Z].*\.$/);
});

test('one address may send two thousand requests a second, and is told to repeat what is above it', () => {
  const rule = acl.Rules.find(({ Statement }) => Statement.RateBasedStatement);
  const { Limit = 0, EvaluationWindowSec = 1 } = rule?.Statement.RateBasedStatement ?? {};

  expect(Limit / EvaluationWindowSec).toBe(2_000);
  expect(rule?.Action).toMatchObject({
    Block: { CustomResponse: { ResponseCode: 503, ResponseHeaders: [{ Name: 'Retry-After', Value: '60' }] } },
  });
  expect(acl.DefaultAction).toEqual({ Allow: {} });
});

test('behind CloudFront callers are counted one by one, and nobody can have another counted around it', () => {
  const rule = acl.Rules.find(({ Name }) => Name === 'TooManyRequests');

  expect(rule?.Statement.RateBasedStatement).toMatchObject({
    AggregateKeyType: 'CUSTOM_KEYS',
    CustomKeys: [{ IP: {} }, { ForwardedIP: {} }],
    ForwardedIPConfig: { HeaderName: 'x-postern-client', FallbackBehavior: 'NO_MATCH' },
  });
});

test('what was stopped is logged, and no password with it, nor the secret of the front door', () => {
  const { RedactedFields, LoggingFilter } =
    resources(firewall, 'AWS::WAFv2::LoggingConfiguration').get('Logging')?.Properties ?? {};

  expect(RedactedFields).toContainEqual({ SingleHeader: { Name: 'authorization' } });
  expect(RedactedFields).toContainEqual({ SingleHeader: { Name: 'x-postern-origin' } });
  expect(LoggingFilter).toMatchObject({
    DefaultBehavior: 'DROP',
    Filters: [{ Behavior: 'KEEP', Conditions: [{ ActionCondition: { Action: 'BLOCK' } }] }],
  });
  expect(JSON.stringify(acl)).not.toContain('"SampledRequestsEnabled":true');
});

test('a sandbox has none, unless it asks for one', () => {
  expect(templates().firewall).toBeUndefined();
  expect(templates({ firewall: 'on' }).firewall).toBeDefined();
  expect(() => templates({ firewall: 'yes' })).toThrow('firewall is "yes". Say one of: on, off.');
});
