import { checkDocument } from '../../shared/configuration/check-document.ts';
import { type Configuration, defaults } from '../../shared/configuration/configuration.ts';
import { spellingWarnings } from '../../shared/configuration/server-spellings.ts';
import { serverWarnings } from '../../shared/configuration/server-settings.ts';
import { threatWarnings } from '../../shared/configuration/threat-warnings.ts';
import { connectorsKept, sentConnectors, signs } from '../support/connectors.ts';
import { aThreatResponse } from '../support/threat-response.ts';

const { pulse, clearpass, ise, webhook } = sentConnectors;
const all = [pulse, clearpass, ise, webhook];
const { feeds } = aThreatResponse;
const feed = (told: object) => ({ feeds: { atpCloud: { ...feeds.atpCloud, ...told } } });

const check = (setUp: unknown, kept: Configuration = defaults) => checkDocument({ threatResponse: setUp }, kept);
const wrongIn = (setUp: unknown, kept?: Configuration) =>
  check(setUp, kept).violations.map(({ pointer, rule }) => [pointer.replace('/threatResponse', ''), rule]);
const warned = (setUp: unknown) =>
  threatWarnings(check(setUp).readable?.threatResponse).map(({ pointer, rule }) => [
    pointer.replace('/threatResponse', ''),
    rule,
  ]);

test('one of each type is taken, with nested subnets, and so is a feed', () => {
  expect(wrongIn({ ...feed({}), connectors: all })).toEqual([]);
});

const one = (connector: object, told: object) => ({ connectors: [{ ...connector, ...told }] });
const without = (connector: object, name: string) => ({
  connectors: [Object.fromEntries(Object.entries(connector).filter(([key]) => key !== name))],
});
const first = '/connectors/0';
const quarantineOnly = { quarantinePolicy: 'Quarantine' };

const bad: readonly (readonly [what: string, setUp: object, wrong: readonly (readonly string[])[]])[] = [
  ['a name that begins with a dash', one(pulse, { name: '-campus' }), [[`${first}/name`, 'form']]],
  ['a name with a blank', one(pulse, { name: 'head office' }), [[`${first}/name`, 'form']]],
  ['a name in other letters', one(pulse, { name: 'büro' }), [[`${first}/name`, 'form']]],
  ['a name of 64 characters', one(pulse, { name: 'a'.repeat(64) }), [[`${first}/name`, 'length']]],
  ['no name', without(pulse, 'name'), [[`${first}/name`, 'required']]],
  ['two names that differ by case only', { connectors: [pulse, { ...clearpass, name: 'CAMPUS' }] }, [['/connectors/1/name', 'unique']]],
  ['a description of 1,025 characters', one(pulse, { description: 'x'.repeat(1_025) }), [[`${first}/description`, 'length']]],
  ['ForeScout', one(pulse, { type: 'forescout' }), [[`${first}/type`, 'type-not-available']]],
  ['a type that nobody knows', one(pulse, { type: 'Pulse Policy Secure' }), [[`${first}/type`, 'type-not-available']]],
  ['no type', without(pulse, 'type'), [[`${first}/type`, 'required']]],
  ['no address', without(pulse, 'address'), [[`${first}/address`, 'required']]],
  ['an empty address', one(pulse, { address: '' }), [[`${first}/address`, 'required']]],
  ['a URL in the place of the address', one(pulse, { address: 'https://pps.example.net/' }), [[`${first}/address`, 'form']]],
  ['an address with a port', one(pulse, { address: 'pps.example.net:8443' }), [[`${first}/address`, 'form']]],
  ['an address with a zone', one(pulse, { address: 'fe80::1%eth0' }), [[`${first}/address`, 'form']]],
  ['an address as a number', one(pulse, { address: '3232235777' }), [[`${first}/address`, 'form']]],
  ['port 0', one(pulse, { port: 0 }), [[`${first}/port`, 'range']]],
  ['a port in quotes', one(pulse, { port: '443' }), [[`${first}/port`, 'type']]],
  ['a way to connect that is none', one(pulse, { connectMethod: 'ftp' }), [[`${first}/connectMethod`, 'one-of']]],
  ['a certificate that is none', one(pulse, { caCertificate: 'x' }), [[`${first}/caCertificate`, 'form']]],
  ['a key in the place of a certificate', one(pulse, { caCertificate: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----' }), [[`${first}/caCertificate`, 'form']]],
  ['no user where there has to be one', without(pulse, 'username'), [[`${first}/username`, 'required']]],
  ['a user that Basic authentication cannot carry', one(ise, { username: 'ers:admin' }), [[`${first}/username`, 'form']]],
  ['a user of a webhook', one(webhook, { username: 'x' }), [[`${first}/username`, 'exclusive']]],
  ['no password', without(clearpass, 'password'), [[`${first}/password`, 'required']]],
  ['a password that is taken away', one(clearpass, { password: null }), [[`${first}/password`, 'required']]],
  ['a password of 129 characters', one(clearpass, { password: 'x'.repeat(129) }), [[`${first}/password`, 'length']]],
  ['a secret that signs, in another form', one(webhook, { password: 'never read back' }), [[`${first}/password`, 'form']]],
  ['a secret that is too short to sign', one(webhook, { password: `whsec_${Buffer.alloc(23).toString('base64')}` }), [[`${first}/password`, 'form']]],
  ['a subnet that is none', one(pulse, { subnets: ['10.0.0.0-10.0.0.9'] }), [[`${first}/subnets/0`, 'form']]],
  ['a subnet with bits behind it', one(pulse, { subnets: ['10.1.2.3/16'] }), [[`${first}/subnets/0`, 'form']]],
  ['a subnet that is longer than an address', one(pulse, { subnets: ['2001:db8::/129'] }), [[`${first}/subnets/0`, 'form']]],
  ['a name for a subnet', one(pulse, { subnets: ['any'] }), [[`${first}/subnets/0`, 'form']]],
  ['1,001 subnets', one(pulse, { subnets: Array.from({ length: 1_001 }, (_, n) => `10.${n >> 8}.${n & 255}.0/24`) }), [[`${first}/subnets`, 'count']]],
  ['a subnet twice in one connector, written in two ways', one(pulse, { subnets: ['2001:db8::/32', '2001:0DB8::/32'] }), [[`${first}/subnets/1`, 'unique']]],
  ['an address and the prefix that is only it', one(pulse, { subnets: ['10.1.2.3', '10.1.2.3/32'] }), [[`${first}/subnets/1`, 'unique']]],
  ['a subnet in two connectors', { connectors: [pulse, { ...clearpass, subnets: ['192.0.2.0/24', '10.1.0.0/16'] }] }, [['/connectors/1/subnets/1', 'unique']]],
  ['settings in one text', one(ise, { settings: 'Quarantine' }), [[`${first}/settings`, 'type']]],
  ['a setting that the type does not declare', one(clearpass, { settings: { realm: 'x' } }), [[`${first}/settings/realm`, 'unknown-key']]],
  ['a setting that is missing', one(ise, { settings: quarantineOnly }), [[`${first}/settings/blockPolicy`, 'required']]],
  ['no settings where there have to be some', without(ise, 'settings'), [[`${first}/settings/quarantinePolicy`, 'required'], [`${first}/settings/blockPolicy`, 'required']]],
  ['a setting as a number', one(ise, { settings: { ...quarantineOnly, blockPolicy: 7 } }), [[`${first}/settings/blockPolicy`, 'type']]],
  ['a policy that no ISE has', one(ise, { settings: { ...quarantineOnly, blockPolicy: 'shut; rm' } }), [[`${first}/settings/blockPolicy`, 'form']]],
  ['a realm of blanks', one(pulse, { settings: { realm: ' ' } }), [[`${first}/settings/realm`, 'form']]],
  ['a path to another host', one(webhook, { settings: { path: '//evil.example.net/' } }), [[`${first}/settings/path`, 'form']]],
  ['a path without its slash', one(webhook, { settings: { path: 'hook' } }), [[`${first}/settings/path`, 'form']]],
  ['a misspelt name', one(pulse, { subnet: [] }), [[`${first}/subnet`, 'unknown-key']]],
  ['101 connectors', { connectors: Array.from({ length: 101 }, (_, n) => ({ ...pulse, name: `c-${n}`, subnets: [] })) }, [['/connectors', 'count']]],
  ['a feed without its address', feed({ address: '' }), [['/feeds/atpCloud/address', 'required']]],
  ['a feed without its token', feed({ token: null }), [['/feeds/atpCloud/token', 'required']]],
  ['two rules for one level', feed({ rules: [...feeds.atpCloud.rules, { minLevel: 7, event: 'block-endpoint' }] }), [['/feeds/atpCloud/rules/2/minLevel', 'unique']]],
  ['a rule for level 0', feed({ rules: [{ minLevel: 0, event: 'block-endpoint' }] }), [['/feeds/atpCloud/rules/0/minLevel', 'range']]],
  ['a rule that clears', feed({ rules: [{ minLevel: 1, event: 'clear-blocked-endpoint' }] }), [['/feeds/atpCloud/rules/0/event', 'one-of']]],
  ['a feed that is asked all the time', feed({ pollMinutes: 0 }), [['/feeds/atpCloud/pollMinutes', 'range']]],
  ['a shared address that is a name', { guards: { sharedAddresses: ['proxy'] } }, [['/guards/sharedAddresses/0', 'form']]],
  ['a cap above a thousand', { guards: { mostActions: 1_001 } }, [['/guards/mostActions', 'range']]],
  ['a cap below nothing', { guards: { mostActions: -1 } }, [['/guards/mostActions', 'range']]],
]; // prettier-ignore

test.each(bad)('%s is refused where it stands', (_, setUp, wrong) => {
  const { violations } = check(setUp);

  expect(wrongIn(setUp)).toEqual(wrong);
  expect(violations.every(({ message, mend }) => message !== '' && /[.}]$/.test(mend))).toBe(true);
  expect(JSON.stringify(violations)).not.toContain('never read back');
});

test('a subnet that two connectors have is told with both places, and a type with those that there are', () => {
  const { violations } = check({ connectors: [pulse, { ...clearpass, type: 'forescout', subnets: pulse.subnets }] });

  expect(violations).toMatchObject([
    { pointer: '/threatResponse/connectors/1/type', mend: expect.stringContaining('pulse-policy-secure, clearpass, cisco-ise, webhook') as string },
    { pointer: '/threatResponse/connectors/1/subnets/0', message: expect.stringContaining('/threatResponse/connectors/0/subnets/0') as string },
    { pointer: '/threatResponse/connectors/1/subnets/1' },
  ]); // prettier-ignore
});

describe('the password of a connector', () => {
  const kept = connectorsKept([pulse, webhook]);
  const { password: _, ...silent } = pulse;

  test('stays where nothing is said of it, whatever else changes', () => {
    expect(wrongIn({ connectors: [{ ...silent, subnets: [], description: 'New' }] }, kept)).toEqual([]);
    expect(wrongIn({ connectors: [{ ...silent, name: 'Campus', address: 'PPS.example.net' }] }, kept)).toEqual([]);
  });

  test.each([
    ['another port', { port: 8_443 }],
    ['another type', { type: 'clearpass', settings: {} }],
    ['a way that is not encrypted', { connectMethod: 'http' }],
  ])('is given again for %s, also where the host is the same', (_, told) => {
    const setUp = { connectors: [{ ...silent, ...told }] };

    expect(wrongIn(setUp, kept)).toEqual([[`${first}/password`, 'secret-again']]);
    expect(check(setUp, kept).violations[0]?.message).toContain(
      'the pulse-policy-secure at https://pps.example.net:443',
    );
    expect(wrongIn({ connectors: [{ ...silent, ...told, password: 'the new one' }] }, kept)).toEqual([]);
  });

  test('that was given for a way that is not encrypted stays for one that is', () => {
    const plain = connectorsKept([{ ...pulse, connectMethod: 'http' }]);

    expect(wrongIn({ connectors: [silent] }, plain)).toEqual([]);
  });

  test('is given again for another host, and for another name', () => {
    expect(wrongIn({ connectors: [{ ...silent, address: 'evil.example.net' }] }, kept)).toEqual([
      [`${first}/password`, 'secret-again'],
    ]);
    expect(wrongIn({ connectors: [{ ...silent, name: 'other' }] }, kept)).toEqual([[`${first}/password`, 'required']]);
  });

  test('goes with its connector, and the check says so', () => {
    const warnings = serverWarnings(check({ connectors: [silent] }, kept).readable, kept);

    expect(warnings).toMatchObject([{ pointer: '/threatResponse/connectors', rule: 'secret-removed' }]);
    expect(warnings[0]?.message).toContain('connector at hooks.example.net');
    expect(warnings[0]?.message).toContain('stay held there');
    expect(warnings[0]?.mend).toContain('give it no subnets');
    expect(serverWarnings(check({ connectors: [silent, { ...webhook, password: signs }] }, kept).readable, kept)).toEqual([]); // prettier-ignore
  });

  test('of a feed is given again for another host too', () => {
    const { token: _token, ...rest } = feeds.atpCloud;
    const keptFeed = {
      ...defaults,
      threatResponse: { ...defaults.threatResponse, feeds },
    } as unknown as Configuration;

    expect(wrongIn({ feeds: { atpCloud: rest } }, keptFeed)).toEqual([]);
    expect(wrongIn({ feeds: { atpCloud: { ...rest, address: 'evil.example.net' } } }, keptFeed)).toEqual([
      ['/feeds/atpCloud/token', 'secret-again'],
    ]);
  });
});

describe('the check warns of', () => {
  test('connectors and feeds that do nothing', () => {
    expect(warned(one(pulse, { subnets: [] }))).toEqual([[`${first}/subnets`, 'takes-nothing']]);
    expect(warned(feed({}))).toEqual([['/feeds/atpCloud/enabled', 'takes-nothing']]);
    expect(warned({ ...feed({ rules: [] }), connectors: [pulse] })).toEqual([
      ['/feeds/atpCloud/rules', 'takes-nothing'],
    ]);
    expect(warned(feed({ enabled: false, rules: [] }))).toEqual([]);
  });

  test('rules that do less where the level is higher', () => {
    const rules = [
      { minLevel: 5, event: 'block-endpoint' },
      { minLevel: 8, event: 'quarantine-endpoint' },
    ];

    expect(warned({ ...feed({ rules }), connectors: [pulse] })).toEqual([
      ['/feeds/atpCloud/rules/1/event', 'milder-above'],
    ]);
  });
});

describe('a ClearPass that is named in two ways', () => {
  const asked = (address: string, port = 443) => ({ name: 'cppm', address, port });
  const warnedOf = (server: object, connectors: readonly object[], enabled = true) => {
    const document = { clearpass: { userQuery: { enabled, server, clientId: 'postern', clientSecret: 'x' } }, threatResponse: { connectors } }; // prettier-ignore
    return spellingWarnings(checkDocument(document, defaults).readable).map(({ pointer, rule }) => [pointer, rule]);
  };
  const told = (address: string, port = 443) => ({ ...clearpass, address, port });
  const place = '/threatResponse/connectors/0/address';

  test.each([
    ['by its name and its address', asked('clearpass.example.net'), told('203.0.113.7')],
    ['by an address of each family', asked('203.0.113.7'), told('2001:db8::7')],
    ['with and without its domain', asked('clearpass'), told('clearpass.example.net')],
    ['with another port', asked('clearpass.example.net'), told('ClearPass.example.net', 8_443)],
  ])('%s is warned of, as each would have twenty connections', (_, server, connector) => {
    expect(warnedOf(server, [connector])).toEqual([[place, 'maybe-one-server']]);
    expect(warnedOf(server, [connector], false)).toEqual([]);
  });

  test('in other letters or without its port is the same server, and two names are two', () => {
    const { port: _, ...withoutPort } = told('ClearPass.EXAMPLE.net');
    expect(warnedOf(asked('clearpass.example.net'), [withoutPort])).toEqual([]);
    expect(warnedOf(asked('clearpass.example.net'), [told('clearpass-2.example.net')])).toEqual([]);
  });

  test('in two connectors is warned of at the second', () => {
    const second = { ...told('203.0.113.7'), name: 'other', subnets: [] };
    expect(warnedOf(asked(''), [told('clearpass.example.net'), second], false)).toEqual([['/threatResponse/connectors/1/address', 'maybe-one-server']]); // prettier-ignore
  });
});
