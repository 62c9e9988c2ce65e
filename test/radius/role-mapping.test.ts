import fc from 'fast-check';
import type { RoleMappingRule } from '../../shared/configuration/threat-response.ts';
import { groupsTold, isLike, mappedRoles, type Subject } from '../../shared/radius/role-mapping.ts';
import { readAttributes } from '../../shared/wire/radius/rest.ts';

const aRule = (told: Partial<RoleMappingRule> = {}): RoleMappingRule => ({
  name: 'staff',
  on: 'group',
  attribute: null,
  values: ['Staff'],
  roles: ['Employee'],
  stop: false,
  ...told,
});
const aSubject = (told: Partial<Subject> = {}): Subject => ({
  names: ['alice'],
  groups: ['staff'],
  attributes: readAttributes({
    'TLS-Client-Cert-Common-Name': { value: ['laptop-7.acme.example'] },
    'NAS-Port-Type': { value: ['Ethernet'] },
    'Called-Station-Id': { value: ['aa-bb-cc-dd-ee-ff:corp'] },
  }),
  ...told,
});

test('a login gets the roles of every rule that matches, in order, each once', () => {
  const rules = [
    aRule(),
    aRule({ on: 'user', values: ['bob'], roles: ['Never'] }),
    aRule({ on: 'user', values: ['bob', 'ALI*'], roles: ['Named', 'Employee'] }),
  ];

  expect(mappedRoles(rules, aSubject())).toEqual(['Employee', 'Named']);
});

test('a rule that matches and stops is the last; one that does not match stops nothing', () => {
  const rules = [
    aRule({ values: ['guests'], stop: true, roles: ['Guest'] }),
    aRule({ stop: true }),
    aRule({ on: 'user', values: ['*'], roles: ['Anybody'] }),
  ];

  expect(mappedRoles(rules, aSubject())).toEqual(['Employee']);
  expect(mappedRoles(rules, aSubject({ groups: [] }))).toEqual(['Anybody']);
});

test.each([
  ['device-attribute', 'NAS-Port-Type', ['ethernet']],
  ['device-attribute', 'called-station-id', ['*:corp']],
  ['certificate-attribute', 'TLS-Client-Cert-Common-Name', ['laptop-*.acme.example']],
] as const)('a rule may look at a %s, %s', (on, attribute, values) => {
  expect(mappedRoles([aRule({ on, attribute, values })], aSubject())).toEqual(['Employee']);
  expect(mappedRoles([aRule({ on, attribute, values: ['other'] })], aSubject())).toEqual([]);
});

test('what a switch sends is no attribute of a certificate, and what is not there matches nothing', () => {
  const rule = aRule({ on: 'certificate-attribute', attribute: 'NAS-Port-Type', values: ['*'] });

  expect(mappedRoles([rule], aSubject())).toEqual([]);
  expect(mappedRoles([aRule({ on: 'device-attribute', attribute: 'Absent', values: ['*'] })], aSubject())).toEqual([]);
});

test('a group of a directory is known by its whole name and by its first part', () => {
  const attributes = readAttributes({
    'LDAP-Group': { value: ['CN=Staff,OU=Groups,DC=acme'] },
    'Group-Name': { value: ['vpn'] },
  });

  expect(groupsTold(attributes)).toEqual(['vpn', 'CN=Staff,OU=Groups,DC=acme', 'Staff']);
});

test.each([
  ['', '', true],
  ['', '*', true],
  ['abc', 'a*c', true],
  ['abc', 'a*b', false],
  ['abab', 'ab*ab', true],
  ['ab', 'ab*b', false],
  ['aXbXc', 'a*X*c', true],
  ['abc', 'abc*', true],
  ['abc', '**', true],
  ['a.c', 'a?c', false],
])('"%s" is like "%s": %s', (value, pattern, expected) => {
  expect(isLike(value, pattern)).toBe(expected);
});

test('a pattern is what the same pattern of the language would be, and quick where that is not', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 }), text, (value, pattern) => {
      expect(isLike(value, pattern)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(value));
    }),
  );
  expect(isLike('a'.repeat(4_096), `${'*a'.repeat(500)}*b`)).toBe(false);
});
