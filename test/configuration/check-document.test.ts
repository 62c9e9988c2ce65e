import { checkDocument } from '../../shared/configuration/check-document.ts';
import { serverWarnings } from '../../shared/configuration/server-settings.ts';
import { type Configuration, defaults } from '../../shared/configuration/configuration.ts';
import { mapSecrets } from '../../shared/configuration/configuration-secrets.ts';
import type { SecretReference } from '../../shared/outbound/secrets.ts';
import { aFullConfiguration } from '../support/configurations.ts';

const violationsOf = (document: unknown, kept: Configuration = defaults) => checkDocument(document, kept).violations;
const wrongIn = (document: unknown, kept?: Configuration) =>
  violationsOf(document, kept).map(({ pointer, rule }) => [pointer, rule]);

const cppm = { name: 'cppm', address: 'clearpass.example.net' };
const asking = { enabled: true, server: cppm, clientId: 'postern', clientSecret: 'x' };
const jims = { address: 'jims.example.net', clientId: 'postern', clientSecret: 'x' };
const [policy] = aFullConfiguration.policies;

describe('Table 1: Active Directory and user query', () => {
  test.each([
    ['no', 'no', 'pass'],
    ['no', 'yes', 'pass'],
    ['yes', 'no', 'pass'],
    ['yes', 'yes', 'fail'],
  ])('Active Directory configured: %s; user query on: %s; the check: %s', (directory, query, outcome) => {
    const violations = violationsOf({
      activeDirectory: { enabled: directory === 'yes' },
      clearpass: { userQuery: { ...asking, enabled: query === 'yes' } },
    });

    expect(violations.length === 0 ? 'pass' : 'fail').toBe(outcome);
    expect(violations).toEqual(
      outcome === 'pass'
        ? []
        : [
            {
              pointer: '/activeDirectory/enabled',
              value: true,
              rule: 'exclusive',
              message: 'Active Directory and ClearPass user query are both enabled, and only one of them can be.',
              mend: 'Disable one of them: set /activeDirectory/enabled or /clearpass/userQuery/enabled to false.',
            },
          ],
    );
  });
});

describe('the two delays', () => {
  const delays = (userQuery: object, identityManagement: object) => ({
    clearpass: { userQuery: { ...asking, delayQueryTime: 10, ...userQuery } },
    identityManagement: { enabled: true, primary: jims, ...identityManagement },
  });
  const place = '/identityManagement/ipQuery/queryDelayTime';

  test('differ, while both are asked: refused', () => {
    expect(violationsOf(delays({}, { ipQuery: { queryDelayTime: 11 } }))).toMatchObject([
      { pointer: place, value: 11, rule: 'equal', message: expect.stringContaining('10') as string },
    ]);
    expect(wrongIn(delays({}, {}))).toEqual([[place, 'equal']]); // 15 where it is left out
  });

  test.each([
    ['are equal', delays({}, { ipQuery: { queryDelayTime: 10 } })],
    ['differ, and user query is off', delays({ enabled: false }, {})],
    ['differ, and identity management is off', delays({}, { enabled: false })],
    ['differ, and its query by address is off', delays({}, { ipQuery: { enabled: false, queryDelayTime: 11 } })],
  ])('%s: taken', (_, document) => {
    expect(wrongIn(document)).toEqual([]);
  });
});

describe('names', () => {
  const application = { name: 'crm', protocol: 'tcp' };

  test.each(['default-policy', 'Default-Policy'])('no policy is called "%s"', (name) => {
    expect(wrongIn({ policies: [{ ...policy, name }] })).toEqual([['/policies/0/name', 'reserved']]);
  });

  test.each(['any', 'ANY', 'junos-any', 'junos-'])('no application is called "%s"', (name) => {
    expect(wrongIn({ applications: [{ ...application, name }] })).toEqual([['/applications/0/name', 'reserved']]);
  });

  test('no two policies have one name', () => {
    expect(violationsOf({ policies: [policy, { ...policy, name: 'x' }, policy] })).toMatchObject([
      {
        pointer: '/policies/2/name',
        value: 'staff-web',
        rule: 'unique',
        message: '/policies/0 has this name already.',
      },
    ]);
  });

  test.each(['crm', 'CRM', 'junos-crm', 'JUNOS-Crm'])('beside the application crm there is no "%s"', (name) => {
    expect(wrongIn({ applications: [application, { ...application, name }] })).toEqual([
      ['/applications/1/name', 'unique'],
    ]);
  });

  test('an application of the tenant’s own may stand over a built-in one', () => {
    expect(wrongIn({ applications: [{ ...application, name: 'junos-https' }] })).toEqual([]);
  });
});

describe('what is switched on', () => {
  test('needs all that it asks with, and is told so at once', () => {
    expect(wrongIn({ clearpass: { userQuery: { enabled: true } } })).toEqual(
      ['server/name', 'server/address', 'clientId', 'clientSecret'].map((name) => [
        `/clearpass/userQuery/${name}`,
        'required',
      ]),
    );
    expect(wrongIn({ identityManagement: { enabled: true, secondary: {} } })).toEqual(
      ['primary', 'secondary'].flatMap((server) =>
        ['address', 'clientId', 'clientSecret'].map((name) => [`/identityManagement/${server}/${name}`, 'required']),
      ),
    );
  });
});

describe('a secret of which nothing is said', () => {
  const reference = 'kept#1' as SecretReference;
  const keptWith = (address: string): Configuration => {
    const server = { ...defaults.identityManagement.primary, address };
    const { userQuery } = defaults.clearpass;
    const configuration: Configuration = {
      ...defaults,
      clearpass: { ...defaults.clearpass, userQuery: { ...userQuery, server: { ...userQuery.server, address } } },
      identityManagement: { ...defaults.identityManagement, primary: server, secondary: server },
    };
    return mapSecrets(configuration, () => reference);
  };
  const places = {
    ClearPass: '/clearpass/userQuery/clientSecret',
    'the primary JIMS server': '/identityManagement/primary/clientSecret',
    'the secondary JIMS server': '/identityManagement/secondary/clientSecret',
  };
  const naming = (address: string, secret?: { clientSecret: string | null }) => ({
    clearpass: { userQuery: { server: { address }, ...secret } },
    identityManagement: { primary: { address, ...secret }, secondary: { address, ...secret } },
  });

  test('is to be given again for another host, to whichever server it belongs', () => {
    expect(wrongIn(naming('b.example'), keptWith('a.example'))).toEqual(
      Object.values(places).map((place) => [place, 'secret-again']),
    );
    const [violation] = violationsOf(naming('b.example'), keptWith('a.example'));
    expect(violation?.message).toContain('a.example');
    expect(violation).not.toHaveProperty('value');
  });

  test.each([
    ['a.example', 'a.example'],
    ['A.Example', 'a.EXAMPLE'],
    ['192.0.2.1', '192.0.2.1'],
  ])('stays where %s becomes %s', (before, after) => {
    expect(wrongIn(naming(after), keptWith(before))).toEqual([]);
  });

  test('was never for a host that is named only now', () => {
    expect(wrongIn(naming('b.example'), keptWith(''))).toHaveLength(3);
  });

  test.each(['new', '', null])('is no longer asked for once it is said: %j', (clientSecret) => {
    expect(wrongIn(naming('b.example', { clientSecret }), keptWith('a.example'))).toEqual([]);
  });

  test('goes with its server, which is a warning', () => {
    const { violations, readable } = checkDocument({ identityManagement: { secondary: {} } }, keptWith('a.example'));

    expect(violations).toEqual([]);
    expect(serverWarnings(readable, keptWith('a.example')).map(({ pointer, rule }) => [pointer, rule])).toEqual(
      Object.values(places).map((place) => [place, 'secret-removed']),
    );
  });
});

describe('what is wrong by itself and what contradicts', () => {
  test('comes at once', () => {
    const document = {
      colour: 'red',
      clearpass: { entryTimeout: 5, userQuery: { enabled: true, server: { ...cppm, port: 0 }, clientId: '' } },
      activeDirectory: { enabled: true },
      identityManagement: { enabled: true, primary: { ...jims, clientSecret: 7 }, ipQuery: { queryDelayTime: 20 } },
      policies: [policy, { ...policy, action: 'allow' }, 'deny all', { name: 'default-policy' }],
      applications: [{ name: 'any', protocol: 'carrier-pigeon' }],
      networks: ['10/8'],
    };

    expect(wrongIn(document).toSorted()).toEqual(
      [
        ['/activeDirectory/enabled', 'exclusive'],
        ['/applications/0/name', 'reserved'],
        ['/applications/0/protocol', 'one-of'],
        ['/clearpass/entryTimeout', 'range'],
        ['/clearpass/userQuery/clientId', 'required'],
        ['/clearpass/userQuery/clientSecret', 'required'],
        ['/clearpass/userQuery/server/port', 'range'],
        ['/colour', 'unknown-key'],
        ['/identityManagement/ipQuery/queryDelayTime', 'equal'],
        ['/identityManagement/primary/clientSecret', 'type'],
        ['/networks/0', 'form'],
        ['/policies/1/action', 'one-of'],
        ['/policies/1/name', 'unique'],
        ['/policies/2', 'type'],
        ...['fromZone', 'toZone', 'source', 'destination', 'applications', 'sourceIdentity', 'action'].map((name) => [
          `/policies/3/${name}`,
          'required',
        ]),
        ['/policies/3/name', 'reserved'],
      ].toSorted(),
    );
  });

  test.each([
    ['a delay that is out of range', { clearpass: { userQuery: { ...asking, delayQueryTime: 61 } }, identityManagement: { enabled: true, primary: jims } }, '/clearpass/userQuery/delayQueryTime'], // prettier-ignore
    ['a switch that is none', { clearpass: { userQuery: { ...asking, enabled: 'yes' } }, activeDirectory: { enabled: true } }, '/clearpass/userQuery/enabled'], // prettier-ignore
    ['an address that is none', { clearpass: { userQuery: { ...asking, server: { ...cppm, address: 'a b' } } } }, '/clearpass/userQuery/server/address'], // prettier-ignore
    ['a secret that is none', { clearpass: { userQuery: { ...asking, clientSecret: 1 } } }, '/clearpass/userQuery/clientSecret'], // prettier-ignore
    ['a secondary server that is none', { identityManagement: { enabled: true, primary: jims, secondary: 'x' } }, '/identityManagement/secondary'], // prettier-ignore
  ])('what cannot be read contradicts nothing: %s', (_, document, place) => {
    expect(violationsOf(document).map(({ pointer }) => pointer)).toEqual([place]);
  });

  test.each([[null], [[]], ['{}'], [1]])('%j is told as what it is, and nothing else', (document) => {
    expect(wrongIn(document)).toEqual([['', 'type']]);
  });

  test('a name such as "__proto__" is told like any other', () => {
    expect(wrongIn(JSON.parse('{"__proto__": {"clearpass": 1}, "policies": [{"__proto__": 1}]}'))).toEqual(
      expect.arrayContaining([
        ['/__proto__', 'unknown-key'],
        ['/policies/0/__proto__', 'unknown-key'],
      ]),
    );
  });
});
