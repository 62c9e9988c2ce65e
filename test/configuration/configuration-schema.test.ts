import { configurationSchema } from '../../shared/configuration/configuration-schema.ts';
import { defaults } from '../../shared/configuration/configuration.ts';
import { held, readDocument } from '../../shared/json-schema.ts';
import { ServiceError } from '../../shared/service-error.ts';
import { aCertificate, aFullConfiguration, at } from '../support/configurations.ts';

const read = (document: unknown) => readDocument(configurationSchema, document, 'configuration-invalid');

const wrongIn = (document: unknown) =>
  held(configurationSchema, document).violations.map(({ pointer, rule }) => [pointer, rule] as const);

function refusalOf(document: unknown): ServiceError {
  try {
    read(document);
  } catch (error) {
    if (error instanceof ServiceError) return error;
  }
  throw new Error('It was not refused.');
}

/** Nothing is said of the secrets, so nothing changes of them. */
const withoutSecrets = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, part: unknown) => (['clientSecret', 'token'].includes(key) ? undefined : part)),
  );

test('an empty document is the defaults', () => {
  expect(withoutSecrets(read({}))).toEqual(withoutSecrets(defaults));
});

test.each(['clearpass', 'identityManagement', 'webApi', 'threatLogs', 'priorities', 'activeDirectory'])(
  'an empty "%s" is its defaults',
  (part) => {
    expect(withoutSecrets(read({ [part]: {} }))).toEqual(withoutSecrets(defaults));
  },
);

test('a document with everything in it is taken as it is', () => {
  expect(withoutSecrets(read(aFullConfiguration))).toEqual(withoutSecrets(aFullConfiguration));
});

const inUserQuery = '/clearpass/userQuery';
const jims = '/identityManagement';

type Row = readonly [pointer: string, accepted: readonly unknown[], refused: readonly unknown[]];

const rows: readonly Row[] = [
  ['/clearpass/entryTimeout', [0, 10, 30, 1440], [-1, 1, 9, 1441, 10.5, '30', null]],
  ['/clearpass/invalidEntryTimeout', [0, 10, 1440], [9, 1441]],
  [`${jims}/entryTimeout`, [0, 10, 1440], [9, 1441]],
  [`${jims}/invalidEntryTimeout`, [0, 10, 1440], [9, 1441]],
  [`${inUserQuery}/enabled`, [false], ['false', 0, null]],
  [`${inUserQuery}/server/name`, ['', 'x', 'x'.repeat(64)], ['x'.repeat(65), 'a\tb']],
  [
    `${inUserQuery}/server/address`,
    ['', 'cppm', 'clearpass.example.net', '192.0.2.1', '2001:db8::1', `${'a.'.repeat(63)}bc`],
    ['x'.repeat(129), 'https://cppm', 'cppm:443', 'cppm/api', '10.1', 'user@cppm', '-cppm', 'cp pm'],
  ],
  [`${inUserQuery}/server/port`, [1, 443, 65_535], [0, 65_536, 443.5, '443']],
  [`${inUserQuery}/server/connectMethod`, ['https', 'http'], ['HTTPS', 'ftp', '']],
  [
    `${inUserQuery}/caCertificate`,
    [null, aCertificate, aCertificate + aCertificate],
    [
      '',
      'PEM',
      aCertificate.slice(0, -40),
      `${aCertificate}x`,
      aCertificate.replace('MII', 'MIJ'),
      aCertificate.repeat(200),
    ],
  ],
  [`${inUserQuery}/clientId`, ['', 'x'.repeat(64)], ['x'.repeat(65), 1]],
  [`${inUserQuery}/clientSecret`, ['', 'x', 'x'.repeat(128), null], ['x'.repeat(129), 1]],
  [
    `${inUserQuery}/tokenApi`,
    ['x', 'api/oauth', 'x'.repeat(128)],
    ['', 'x'.repeat(129), 'api oauth', 'https://other/api', '//other/api', 'api#x', 'äpi'],
  ],
  [
    `${inUserQuery}/queryApi`,
    ['$IP$', 'api?ip=$IP$', `${'x'.repeat(124)}$IP$`],
    ['api', 'api/$ip$', `${'x'.repeat(125)}$IP$`],
  ],
  [`${inUserQuery}/delayQueryTime`, [0, 60], [-1, 61, 0.5]],
  [
    `${inUserQuery}/includeAddresses`,
    [[], ['192.0.2.0/24', '2001:db8::1']],
    ['192.0.2.0/24', ['192.0.2.7/24'], ['any'], [1]],
  ],
  [`${inUserQuery}/excludeAddresses`, [[], ['192.0.2.0/24']], [['x'], null]],
  ['/activeDirectory/enabled', [true, false], ['yes']],
  [`${jims}/primary/address`, ['', 'jims.example.net'], ['x'.repeat(129), 'http://jims']],
  [`${jims}/primary/clientId`, ['x'.repeat(64)], ['x'.repeat(65)]],
  [`${jims}/primary/clientSecret`, ['x'.repeat(128), null], ['x'.repeat(129), 0]],
  [`${jims}/primary/caCertificate`, [null, aCertificate], ['PEM']],
  [`${jims}/secondary`, [null], ['jims', []]],
  [`${jims}/port`, [1, 65_535], [0, 65_536]],
  [`${jims}/tokenApi`, ['x', 'x'.repeat(128)], ['', 'x'.repeat(129)]],
  [`${jims}/queryApi`, ['xxxx', 'x'.repeat(128)], ['xxx', 'x'.repeat(129)]],
  [`${jims}/batchQuery/itemsPerBatch`, [100, 1_000], [99, 1_001]],
  [`${jims}/batchQuery/queryInterval`, [1, 60], [0, 61]],
  [`${jims}/ipQuery/enabled`, [true, false], [1]],
  [`${jims}/ipQuery/queryDelayTime`, [0, 60], [-1, 61]],
  [`${jims}/ipQuery/maxConnections`, [20], [0, 19, 21, '20']],
  [`${jims}/filters/domains`, [[], Array(20).fill('acme')], [Array(21).fill('acme'), [''], 'acme']],
  [`${jims}/filters/includeIp`, [['192.0.2.0/24']], [['192.0.2']]],
  [`${jims}/filters/excludeIp`, [['192.0.2.0/24']], [['192.0.2']]],
  [`${jims}/preserveValidUser`, [true, false], ['on']],
  ...Object.keys(defaults.priorities).map(
    (source) => [`/priorities/${source}`, [0, 65_535], [-1, 65_536, 1.5, null]] as const,
  ),
  ['/policies', [[]], [{}, null]],
  ['/applications', [[]], [{}, null]],
  ['/defaultPolicy', ['permit', 'deny', 'reject'], ['allow', null]],
  ['/networks', [[], ['10.0.0.0/8']], [['10/8']]],
  [
    '/webApi/allowedClients',
    [[], Array(20).fill('192.0.2.1'), ['2001:db8::1']],
    [Array(21).fill('192.0.2.1'), ['clearpass']],
  ],
  ['/webApi/excludeAddresses', [['192.0.2.0/24'], Array(30).fill('192.0.2.1')], [['192.0.2.0-9']]],
  ['/threatLogs/enabled', [true, false], ['true']],
  ['/threatLogs/filter', ['threat-attack'], ['all']],
  ['/threatLogs/rateLimit', [1, 65_535], [0, 65_536]],
  ['/whenSilent/aruba-clearpass/afterMinutes', [1, 1_440, null], [0, 1_441, 1.5]],
  ['/whenSilent/identity-management/action', ['expire', 'keep', 'freeze', 'fall-back'], ['ignore', 'Keep', 0]],
  ['/whenSilent/active-directory/action', ['keep'], [null]],
  ['/threatLogs/destination/address', ['', 'clearpass.example.net'], ['udp://clearpass']],
  ['/threatLogs/destination/port', [1, 514, 65_535], [0, 65_536]],
  ['/threatLogs/destination/transport', ['udp', 'tcp', 'tls'], ['icmp']],
];

function tableOf([pointer]: Row): string {
  if (pointer.endsWith('Timeout')) return 'Timeouts, in minutes';
  if (pointer.startsWith(inUserQuery)) return 'User query: asking ClearPass';
  return pointer.startsWith(jims) ? 'Identity management: JIMS beside ClearPass' : 'All else';
}

describe.each([...Map.groupBy(rows, tableOf)])('%s', (_, ofTable) => {
  test.each(ofTable)('the range of %s', (pointer, accepted, refused) => {
    for (const value of accepted) expect([value, wrongIn(at(pointer, value))]).toEqual([value, []]);
    for (const value of refused) {
      const found = wrongIn(at(pointer, value)).filter(([place]) => place.startsWith(pointer));
      expect([value, found.length]).not.toEqual([value, 0]);
    }
  });
});

const policy = aFullConfiguration.policies[0];

test.each([
  ['name', ['x'.repeat(63)], ['', 'x'.repeat(64), undefined]],
  ['fromZone', ['trust'], ['', undefined]],
  ['toZone', ['untrust'], ['', undefined]],
  ['source', [['any'], ['10.0.0.0/8', '2001:db8::/32']], [[], ['ANY'], ['10.0.0.1/8'], 'any', undefined]],
  ['destination', [['any']], [[], undefined]],
  ['applications', [['any'], ['https', 'junos-https']], [[], [''], undefined]],
  [
    'sourceIdentity',
    [['any'], ['acme\\staff', '*\\staff', 'alice', 'a\\b\\c']],
    [[], [''], ['\\staff'], ['acme\\'], [' alice'], undefined],
  ],
  ['action', ['permit', 'deny', 'reject'], ['allow', undefined]],
  ['log', [true, false, undefined], ['yes']],
])('of a policy, the range of "%s"', (field, accepted, refused) => {
  for (const value of accepted)
    expect([value, wrongIn({ policies: [{ ...policy, [field]: value }] })]).toEqual([value, []]);
  for (const value of refused) {
    const [[pointer] = []] = wrongIn({ policies: [policy, { ...policy, name: 'other', [field]: value }] });
    expect([value, pointer?.startsWith(`/policies/1/${field}`)]).toEqual([value, true]);
  }
});

test.each([
  ['protocol', ['tcp', 'udp', 'icmp', 'icmp6', 0, 255], ['TCP', 256, -1, null, undefined]],
  [
    'ports',
    [[], [1, 65_535, '8000-8099', '80-80'], undefined],
    [[0], [65_536], ['80'], ['90-80'], ['1-65536'], [null], '80'],
  ],
  ['name', ['crm'], ['', undefined]],
])('of an application, the range of "%s"', (field, accepted, refused) => {
  const application = { name: 'crm', protocol: 'tcp', ports: [8443] };
  for (const value of accepted) expect([value, wrongIn({ applications: [{ ...application, [field]: value }] })]).toEqual([value, []]); // prettier-ignore
  for (const value of refused) {
    const [[pointer] = []] = wrongIn({ applications: [{ ...application, [field]: value }] });
    expect([value, pointer?.startsWith(`/applications/0/${field}`)]).toEqual([value, true]);
  }
});

test('a name that nobody knows is told wherever it stands, and however it is spelt', () => {
  const names = ['/x', '/clearpass/x', `${inUserQuery}/x`, `${inUserQuery}/server/x`, `${jims}/x`, `${jims}/primary/x`, `${jims}/filters/x`, '/webApi/x', '/threatLogs/destination/x', '/priorities/jims']; // prettier-ignore
  for (const name of names) expect(wrongIn(at(name, 1))).toEqual([[name, 'unknown-key']]);
  expect(wrongIn(JSON.parse('{"__proto__": {}, "constructor": 1, "a/b~c": 1}'))).toEqual([
    ['/__proto__', 'unknown-key'],
    ['/constructor', 'unknown-key'],
    ['/a~1b~0c', 'unknown-key'],
  ]);
});

test('everything that is wrong is told at once', () => {
  const wrong = {
    clearpass: { entryTimeout: 5, userQuery: { delayQueryTime: 61, server: { port: 0 }, colour: 'red' } },
    priorities: { local: -1 },
    policies: [{ ...policy, action: 'allow', extra: 1 }, 'deny all'],
    webApi: { allowedClients: ['x', '192.0.2.1', 'y'] },
    unknown: true,
  };

  expect(wrongIn(wrong).toSorted()).toEqual(
    [
      ['/clearpass/entryTimeout', 'range'],
      [`${inUserQuery}/colour`, 'unknown-key'],
      [`${inUserQuery}/delayQueryTime`, 'range'],
      [`${inUserQuery}/server/port`, 'range'],
      ['/policies/0/action', 'one-of'],
      ['/policies/0/extra', 'unknown-key'],
      ['/policies/1', 'type'],
      ['/priorities/local', 'range'],
      ['/unknown', 'unknown-key'],
      ['/webApi/allowedClients/0', 'form'],
      ['/webApi/allowedClients/2', 'form'],
    ].toSorted(),
  );
});

test.each([[null], [[]], ['{}'], [1], [true]])('%j is no configuration', (document) => {
  expect(wrongIn(document)).toEqual([['', 'type']]);
});

test('a document with very much wrong in it is answered with as much as anybody reads, and how much is left out', () => {
  const { code, details } = refusalOf({ networks: Array.from({ length: 50_000 }, () => 'x') });

  expect(code).toBe('configuration-invalid');
  expect(details.violations).toHaveLength(1_000);
  expect(details.violationsLeftOut).toBe(49_000);
});
