import { checkDocument } from '../../shared/configuration/check-document.ts';
import { type Configuration, defaults } from '../../shared/configuration/configuration.ts';
import { serverWarnings } from '../../shared/configuration/server-settings.ts';
import { threatWarnings } from '../../shared/configuration/threat-warnings.ts';
import { aThreatResponse } from '../support/threat-response.ts';

const check = (setUp: unknown, kept: Configuration = defaults) => checkDocument({ threatResponse: setUp }, kept);
const wrongIn = (setUp: unknown, kept?: Configuration) =>
  check(setUp, kept).violations.map(({ pointer, rule }) => [pointer.replace('/threatResponse', ''), rule]);
const warned = (setUp: unknown) =>
  threatWarnings(check(setUp).readable?.threatResponse).map(({ pointer, rule }) => [
    pointer.replace('/threatResponse', ''),
    rule,
  ]);

type SetUp = typeof aThreatResponse;

/** The whole set-up with another value at a pointer; `undefined` takes out what stands there. */
function withAt(pointer: string, value: unknown): unknown {
  const setUp: unknown = structuredClone(aThreatResponse);
  const keys = pointer.split('/').slice(1);
  const last = keys.pop() ?? '';
  const place = keys.reduce((inner, key) => (inner as Record<string, unknown>)[key], setUp) as Record<string, unknown>;
  if (value === undefined) Reflect.deleteProperty(place, last);
  else place[last] = value;
  return setUp;
}

test('a whole set-up is taken, and so is one that says nothing', () => {
  expect(wrongIn(aThreatResponse)).toEqual([]);
  expect(wrongIn({})).toEqual([]);
  const { atpCloud } = defaults.threatResponse.feeds;
  const nothingOfItsToken = { feeds: { atpCloud: { ...atpCloud, token: undefined } } };
  expect(check({}).posted?.threatResponse).toEqual({ ...defaults.threatResponse, ...nothingOfItsToken });
});

test('samples of patterns are taken up to 40,000 characters together, those of JSON beside them', () => {
  const [ids, edr] = aThreatResponse.templates;
  const withSamples = (...lengths: readonly number[]) =>
    wrongIn({
      templates: [
        ...lengths.map((length, index) => ({ ...ids, name: `ids-${index}`, samples: samplesOf(10, length) })),
        { ...edr, samples: samplesOf(10, 4_096) },
      ],
    });

  expect(withSamples(2_000, 2_000)).toEqual([]);
  expect(withSamples(2_000, 2_001)).toEqual([['/templates', 'length']]);
});

test('what is left out of an item takes its default', () => {
  const { posted } = check({
    roles: [{ name: 'staff' }],
    radiusClients: [{ name: 'core-1', address: '2001:DB8::1', locationGroup: 'head-office' }],
  });

  expect(posted?.threatResponse.roles).toEqual([{ name: 'staff', description: '', quarantine: false }]);
  expect(posted?.threatResponse.radiusClients).toEqual([
    { name: 'core-1', address: '2001:db8::1', make: 'generic', locationGroup: 'head-office', changePort: 3799 },
  ]);
});

const policy = '/admissionPolicies/1';
const blocking = '/admissionPolicies/0';
const rule = '/realms/0/roleMapping/0';
const again = (list: keyof SetUp, told: object) => [
  ...(aThreatResponse[list] as readonly object[]),
  { ...(aThreatResponse[list] as readonly object[])[0], ...told },
];
const server = (users: unknown) => ({ name: 'local-users', type: 'local', users });
const bob = { name: 'bob', password: 'x' };

/** That a template is not to take, unless it is said what it is to read. */
const samplesOf = (count: number, length: number, expect: object | null = null) =>
  Array.from({ length: count }, () => ({ message: 'x'.repeat(length), expect }));

const bad: readonly (readonly [what: string, at: string, value: unknown, wrong: readonly (readonly string[])[]])[] = [
  ['a misspelt name', '/roless', [], [['/roless', 'unknown-key']]],
  ['a list that is none', '/roles', {}, [['/roles', 'type']]],
  ['a way of changes that is none', '/changeOfAuthorization', 'snmp', [['/changeOfAuthorization', 'one-of']]],
  ['an event that waits for two hours', '/pendingMinutes', 120, [['/pendingMinutes', 'range']]],
  ['an allowed address that is none', '/allowList/addresses/0', '10.0.0.1/8', [['/allowList/addresses/0', 'form']]],
  ['an allowed multicast MAC', '/allowList/macs/0', '01:00:5e:00:00:01', [['/allowList/macs/0', 'form']]],
  ['an allowed user without a name', '/allowList/users/0', 'acme\\', [['/allowList/users/0', 'form']]],
  ['an allowed role that is not there', '/allowList/roles/0', 'boss', [['/allowList/roles/0', 'known']]],
  ['a quarantine role on the allow list', '/allowList/roles/0', 'quarantine', [['/allowList/roles/0', 'quarantine-role']]],
  ['an authentication server of no kind', '/authenticationServers/0', { name: 'x' }, [['/authenticationServers/0/type', 'required']]],
  ['an LDAP server', '/authenticationServers/0/type', 'ldap', [['/authenticationServers/0/type', 'one-of']]],
  ['users on a delegated server', '/authenticationServers/1/users', [], [['/authenticationServers/1/users', 'unknown-key']]],
  ['two servers of one name', '/authenticationServers/0/name', 'Site-Radius', [['/authenticationServers/1/name', 'unique']]],
  ['two users of one name', '/authenticationServers/0', server([bob, { ...bob, name: 'BOB' }]), [['/authenticationServers/0/users/1/name', 'unique']]],
  ['a user without a password', '/authenticationServers/0/users/0/password', undefined, [['/authenticationServers/0/users/0/password', 'required']]],
  ['a password that RADIUS does not carry', '/authenticationServers/0/users/0/password', 'ü'.repeat(65), [['/authenticationServers/0/users/0/password', 'length']]],
  ['a hash in the place of a password', '/authenticationServers/0/users/0/password', { hash: 'x' }, [['/authenticationServers/0/users/0/password', 'type']]],
  ['more new passwords than a call has time for', '/authenticationServers/0', server(Array.from({ length: 101 }, (_, n) => ({ ...bob, name: `u${n}` }))), [['/authenticationServers', 'count']]],
  ['a realm without its server', '/realms/0/authenticationServer', 'nowhere', [['/realms/0/authenticationServer', 'known']]],
  ['a server in other letters', '/realms/0/authenticationServer', 'Site-Radius', [['/realms/0/authenticationServer', 'known']]],
  ['a realm for a location that no switch is in', '/realms/0/locationGroups/0', 'moon', [['/realms/0/locationGroups/0', 'known']]],
  ['a rule for a role that is not there', `${rule}/roles/0`, 'boss', [[`${rule}/roles/0`, 'known']]],
  ['a rule that maps to a quarantine role', `${rule}/roles/0`, 'quarantine', [[`${rule}/roles/0`, 'quarantine-role']]],
  ['a rule that looks at nothing', `${rule}/values`, [], [[`${rule}/values`, 'count']]],
  ['a rule on an attribute without its name', '/realms/0/roleMapping/1/attribute', null, [['/realms/0/roleMapping/1/attribute', 'required']]],
  ['a rule on groups with an attribute', `${rule}/attribute`, 'Class', [[`${rule}/attribute`, 'exclusive']]],
  ['two rules of one name', '/realms/0/roleMapping/1/name', 'STAFF', [['/realms/0/roleMapping/1/name', 'unique']]],
  ['a name with blanks around it', '/roles/0/name', ' staff', [['/roles/0/name', 'form']]],
  ['two roles that differ by case only', '/roles', again('roles', { name: 'Staff' }), [['/roles/2/name', 'unique']]],
  ['a template that is called like a shipped one', '/templates', again('templates', { name: 'juniper networks policy enforcer' }), [['/templates/2/name', 'reserved']]],
  ['a template without events', '/templates/0/events', [], [['/templates/0/events', 'count']]],
  ['an alias that is another event', '/templates/0/events/1/aliases/0', 'INFECTED', [['/templates/0/events/1/aliases/0', 'unique']]],
  ['a severity called any', '/templates/0/severities/0', 'any', [['/templates/0/severities/0', 'reserved']]],
  ['a pattern that RE2 does not take', '/templates/0/parse/pattern', '(?P<event>a)(?P<endpointIp>b)(?=c)', [['/templates/0/parse/pattern', 'form']]],
  ['a pattern with a back-reference', '/templates/0/parse/pattern', '(?P<event>a)(?P<endpointIp>b)\\1', [['/templates/0/parse/pattern', 'form']]],
  ['a pattern that is too long', '/templates/0/parse/pattern', 'a'.repeat(513), [['/templates/0/parse/pattern', 'length']]],
  ['a pattern that becomes too large', '/templates/0/parse/pattern', '(?P<event>(a{1000}){2})(?P<endpointIp>b{1000})', [['/templates/0/parse/pattern', 'form']]],
  ['a group that is no field', '/templates/0/parse/pattern', '(?P<event>a)(?P<endpointIp>b)(?P<host>c)', [['/templates/0/parse/pattern', 'form']]],
  ['a pattern that finds no address', '/templates/0/parse/pattern', '(?P<event>a)', [['/templates/0/parse/pattern', 'form']]],
  ['a pattern for JSON', '/templates/0/protocol', 'http-json', [['/templates/0/parse/type', 'exclusive']]],
  ['pointers for lines', '/templates/1/protocol', 'syslog', [['/templates/1/parse/type', 'exclusive']]],
  ['a pointer that is none', '/templates/1/parse/fields/event', 'event', [['/templates/1/parse/fields/event', 'form']]],
  ['pointers without the address', '/templates/1/parse/fields', { event: '/event' }, [['/templates/1/parse/fields/endpointIp', 'required']]],
  ['a field that no message has', '/templates/1/parse/fields/colour', '/colour', [['/templates/1/parse/fields/colour', 'unknown-key']]],
  ['a sample that says something else', '/templates/0/samples/0/expect/severity', 'low', [['/templates/0/samples/0/expect', 'sample']]],
  ['a sample that the template does not take', '/templates/0/samples/0/message', 'ids: infected nowhere', [['/templates/0/samples/0/expect', 'sample']]],
  ['a sample that it must not take, and does', '/templates/0/samples/1/message', 'ids: infected 10.0.0.9 level=low', [['/templates/0/samples/1/message', 'sample']]],
  ['more samples of patterns than can be tried', '/templates', again('templates', { name: 'ids-2', samples: samplesOf(10, 4_096) }), [['/templates', 'length']]],
  ['too many samples, which are not tried', '/templates', again('templates', { name: 'ids-2', samples: samplesOf(10, 4_096, { event: 'infected' }) }), [['/templates', 'length']]],
  ['an action that no template knows', '/templates/0/events/0/actions/0', 'explode', [['/templates/0/events/0/actions/0', 'one-of']]],
  ['a client at a prefix', '/clients/0/address', '198.51.100.0/24', [['/clients/0/address', 'form']]],
  ['a client of no template', '/clients/0/template', 'acme', [['/clients/0/template', 'known']]],
  ['two clients at one address', '/clients', again('clients', { name: 'ids-2' }), [['/clients/1/address', 'unique']]],
  ['a policy for no template', `${policy}/template`, 'acme', [[`${policy}/template`, 'known']]],
  ['a policy on an event that the template has not', `${policy}/event`, 'exploded', [[`${policy}/event`, 'known']]],
  ['a policy on an alias of an event', `${policy}/event`, 'malware', [[`${policy}/event`, 'known']]],
  ['a policy on an unknown severity', `${policy}/severity`, 'medium', [[`${policy}/severity`, 'known']]],
  ['an action that the event does not list', `${policy}/event`, 'clean', [[`${policy}/action`, 'known']]],
  ['an action that a shipped template does not list', '/admissionPolicies', again('admissionPolicies', { name: 'x', template: 'JuniperNerworks-Policy Enforcer-HTTP-JSON', event: 'clear-blocked-endpoint' }), [['/admissionPolicies/2/action', 'known']]],
  ['a quarantine without a role', `${policy}/role`, null, [[`${policy}/role`, 'required']]],
  ['a quarantine into a role for logins', `${policy}/role`, 'staff', [[`${policy}/role`, 'quarantine-role']]],
  ['a quarantine into a role that is not there', `${policy}/role`, 'cellar', [[`${policy}/role`, 'known']]],
  ['a block with a role', `${blocking}/role`, 'quarantine', [[`${blocking}/role`, 'exclusive']]],
  ['a block for a session', `${blocking}/assignment`, 'session', [[`${blocking}/assignment`, 'exclusive']]],
  ['a release of whom nobody holds', policy, { ...aThreatResponse.admissionPolicies[1], action: 'ignore', role: null, assignment: 'permanent' }, [[`${policy}/releaseAfterMinutes`, 'exclusive']]],
  ['a release after no time', `${policy}/releaseAfterMinutes`, 0, [[`${policy}/releaseAfterMinutes`, 'range']]],
  ['all roles, and one of them', `${policy}/scope/names`, ['staff'], [[`${policy}/scope/names`, 'exclusive']]],
  ['selected roles, and none of them', `${blocking}/scope/names`, [], [[`${blocking}/scope/names`, 'required']]],
  ['a scope of quarantine roles', `${blocking}/scope/names/0`, 'quarantine', [[`${blocking}/scope/names/0`, 'quarantine-role']]],
  ['a clear for selected roles', blocking, { name: 'clean', template: 'acme-ids', event: 'clean', action: 'clear-block', scope: { roles: 'selected', names: ['staff'] } }, [[`${blocking}/scope/roles`, 'exclusive']]],
  ['a switch at no address', '/radiusClients/0/address', 'core-1.example.net', [['/radiusClients/0/address', 'form']]],
  ['a switch at a prefix with bits behind it', '/radiusClients/0/address', '192.0.2.7/24', [['/radiusClients/0/address', 'form']]],
  ['a switch of an unknown make', '/radiusClients/0/make', 'cisco', [['/radiusClients/0/make', 'one-of']]],
  ['a port that is none', '/radiusClients/0/changePort', 70_000, [['/radiusClients/0/changePort', 'range']]],
  ['two switches at one address, written in two ways', '/radiusClients', again('radiusClients', { name: 'core-2', address: '192.0.2.10/32' }), [['/radiusClients/1/address', 'unique']]],
  ['VLAN 4095', '/returnAttributes/0/return/vlan', '4095', [['/returnAttributes/0/return/vlan', 'form']]],
  ['VLAN 0', '/returnAttributes/0/return/vlan', '0', [['/returnAttributes/0/return/vlan', 'form']]],
  ['a VLAN with a blank in its name', '/returnAttributes/0/return/vlan', 'the cellar', [['/returnAttributes/0/return/vlan', 'form']]],
  ['a VLAN as a number', '/returnAttributes/0/return/vlan', 666, [['/returnAttributes/0/return/vlan', 'type']]],
  ['a filter that is too long', '/returnAttributes/1/return/filter', 'F'.repeat(254), [['/returnAttributes/1/return/filter', 'length']]],
  ['a filter that no switch could be told', '/returnAttributes/1/return/filter', 'PERMIT-ÄLL', [['/returnAttributes/1/return/filter', 'form']]],
  ['a filter with a VLAN', '/returnAttributes/1/return/vlan', '12', [['/returnAttributes/1/return/vlan', 'unknown-key']]],
  ['attributes of no style', '/returnAttributes/2/return', {}, [['/returnAttributes/2/return/type', 'required']]],
  ['attributes for nobody', '/returnAttributes/0/roles', [], [['/returnAttributes/0/roles', 'count']]],
  ['attributes for a role that is not there', '/returnAttributes/0/roles/0', 'cellar', [['/returnAttributes/0/roles/0', 'known']]],
  ['attributes for a location that no switch is in', '/returnAttributes/0/locationGroups/0', 'moon', [['/returnAttributes/0/locationGroups/0', 'known']]],
]; // prettier-ignore

test.each(bad)('%s is refused where it stands', (_, pointer, value, wrong) => {
  expect(wrongIn(withAt(pointer, value))).toEqual(wrong);
});

test('every violation says what is wrong and how to mend it, and none tells a secret', () => {
  for (const [, pointer, value] of bad) {
    const { violations } = check(withAt(pointer, value));

    expect(violations.every(({ message, mend }) => message !== '' && mend.endsWith('.'))).toBe(true);
    expect(JSON.stringify(violations)).not.toContain('never read back');
  }
});

test('what is wrong in many places is told at once', () => {
  expect(
    wrongIn({
      roles: [{ name: 'staff' }, { name: 'STAFF' }],
      realms: [{ name: 'wired', authenticationServer: 'nowhere', roleMapping: [{ name: 'x' }] }],
      radiusClients: [{ name: 'core-1', address: 'x', locationGroup: 'a' }],
    }),
  ).toEqual([
    ['/realms/0/roleMapping/0/on', 'required'],
    ['/realms/0/roleMapping/0/values', 'required'],
    ['/radiusClients/0/address', 'form'],
    ['/roles/1/name', 'unique'],
    ['/realms/0/authenticationServer', 'known'],
  ]);
});

test('what cannot be read contradicts nothing', () => {
  const wrong = wrongIn({ ...aThreatResponse, roles: [{ name: 7 }], templates: [{ name: 8 }] });

  expect(wrong.filter(([, broken]) => broken === 'known')).toEqual([]);
  expect(wrong).toContainEqual(['/roles/0/name', 'type']);
});

test('changes straight to switches need the secret of each', () => {
  const [client] = aThreatResponse.radiusClients;
  const { secret: _, ...without } = client ?? {};
  const having = (radiusClient: object) => ({ ...aThreatResponse, radiusClients: [radiusClient] });

  expect(wrongIn({ ...having(without), changeOfAuthorization: 'direct' })).toEqual([
    ['/radiusClients/0/secret', 'required'],
  ]);
  expect(wrongIn(having(without))).toEqual([]);
});

describe('the check warns of', () => {
  test('a quarantine role that has no return attributes somewhere, and says where', () => {
    const setUp = {
      ...aThreatResponse,
      radiusClients: [
        ...aThreatResponse.radiusClients,
        { name: 'far-1', address: '203.0.113.9', locationGroup: 'far-away' },
      ],
    };

    expect(warned(aThreatResponse)).toEqual([]);
    expect(warned(setUp)).toEqual([['/roles/1/name', 'no-return-attributes']]);
    expect(threatWarnings(check(setUp).readable?.threatResponse)[0]?.message).toContain('far-away');
  });

  test('a quarantine role for which the port is opened before it is kept in', () => {
    const name = aThreatResponse.roles[1]?.name;
    const open = { name: 'open', locationGroups: [], roles: [name], return: { type: 'open-port' } };

    expect(warned({ ...aThreatResponse, returnAttributes: [...aThreatResponse.returnAttributes, open] })).toEqual([]);
    expect(warned({ ...aThreatResponse, returnAttributes: [open, ...aThreatResponse.returnAttributes] })).toEqual([
      ['/roles/1/name', 'no-return-attributes'],
    ]);
  });

  test('a quarantine role without any, and of none where there is no switch', () => {
    expect(warned({ ...aThreatResponse, returnAttributes: [] })).toEqual([['/roles/1/name', 'no-return-attributes']]);
    expect(warned({ roles: aThreatResponse.roles })).toEqual([]);
  });

  test('a realm and a policy that nothing comes to', () => {
    const [realm] = aThreatResponse.realms;
    const [, quarantining] = aThreatResponse.admissionPolicies;
    const setUp = {
      ...aThreatResponse,
      realms: [{ ...realm, name: 'all', locationGroups: [] }, realm],
      admissionPolicies: [quarantining, { ...quarantining, name: 'late', severity: 'low' }],
    };

    expect(wrongIn(setUp)).toEqual([]);
    expect(warned(setUp)).toEqual([
      ['/realms/1/name', 'never-reached'],
      ['/admissionPolicies/1/name', 'never-reached'],
    ]);
  });

  test('a RADIUS client that takes its secret along', () => {
    const kept = {
      ...defaults,
      threatResponse: { ...defaults.threatResponse, radiusClients: [{ ...aThreatResponse.radiusClients[0], secret: 'r' }] },
    } as unknown as Configuration; // prettier-ignore
    const rules = (setUp: unknown) => serverWarnings(check(setUp, kept).readable, kept).map(({ rule: each }) => each);

    expect(rules({})).toEqual(['secret-removed']);
    expect(rules(aThreatResponse)).toEqual([]);
  });
});
