import { compareVersions } from '../../shared/configuration/compare-versions.ts';
import { type Configuration, defaults, type SecurityPolicy } from '../../shared/configuration/configuration.ts';
import { mapSecrets } from '../../shared/configuration/configuration-secrets.ts';
import type { SecretReference } from '../../shared/outbound/secrets.ts';
import { aFullConfiguration } from '../support/configurations.ts';

const withSecrets = (reference: string | null, configuration: Configuration = defaults) =>
  mapSecrets(configuration, () => reference as SecretReference | null);
const all = (before: Configuration, after: Configuration) => compareVersions(before, after, { limit: 1_000 }).items;
const [policy] = aFullConfiguration.policies as Configuration['policies'];
const withPolicies = (count: number, from = 0): Configuration => ({
  ...defaults,
  policies: Array.from(
    { length: count },
    (_, index) => ({ ...policy, name: `policy-${from + index}` }) as SecurityPolicy,
  ),
});

test('of a secret is told that it is another, and nothing else', () => {
  expect(all(withSecrets('kept#1'), withSecrets('kept#2'))).toEqual([
    { change: 'changed', pointer: '/clearpass/userQuery/clientSecret' },
    { change: 'changed', pointer: '/identityManagement/primary/clientSecret' },
    { change: 'changed', pointer: '/threatResponse/feeds/atpCloud/token' },
  ]);
});

test('that a secret came or went is told by what is shown in its place', () => {
  const place = '/clearpass/userQuery/clientSecretSet';

  expect(all(withSecrets(null), withSecrets('kept#1'))).toContainEqual({ change: 'changed', pointer: place, before: false, after: true }); // prettier-ignore
  expect(all(withSecrets('kept#1'), withSecrets(null))).toContainEqual({ change: 'changed', pointer: place, before: true, after: false }); // prettier-ignore
});

test('no reference to a secret is ever told, nor where a whole server came or went', () => {
  const { identityManagement } = defaults;
  const two = { ...defaults, identityManagement: { ...identityManagement, secondary: identityManagement.primary } };
  const lines = [
    ...all(withSecrets('kept#1'), withSecrets('kept#2', two)),
    ...all(withSecrets('kept#2', two), defaults),
  ];

  expect(lines).toContainEqual(expect.objectContaining({ pointer: '/identityManagement/secondary' }));
  expect(JSON.stringify(lines)).not.toContain('kept#');
});

test('lines come page by page, each once, in one order', () => {
  const [before, after] = [withPolicies(20), withPolicies(20, 10)];
  const whole = all(before, after);
  const paged: unknown[] = [];
  let next: number | undefined = 0;
  while (next !== undefined) {
    const page: ReturnType<typeof compareVersions> = compareVersions(before, after, { after: next, limit: 3 });
    paged.push(...page.items);
    next = page.next;
  }

  expect(whole).toHaveLength(20);
  expect(paged).toEqual(whole);
});

test('a page ends before its answer grows too large, and one very long value is shortened', () => {
  const source = Array.from({ length: 3_000 }, (_, index) => `10.${index >> 8}.${index % 256}.0/24`);
  const { policies } = withPolicies(200);
  const after = { ...defaults, policies: policies.map((each) => ({ ...each, source })) };

  const { items, next } = compareVersions(defaults, after, { limit: 1_000 });

  expect(items.length).toBeLessThan(200);
  expect(next).toBe(items.length);
  expect(JSON.stringify(items).length).toBeLessThan(1_100_000);
  expect(items[0]?.after).toMatch(/…$/);
});
