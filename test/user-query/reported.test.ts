import { reported, reportedMapping } from '../../shared/user-query/reported.ts';
import { readReport } from '../../shared/wire/jims/report.ts';
import { desk, noon } from '../support/observations.ts';
import { jimsWith } from '../support/query-settings.ts';

const at = (minutes: number) => noon / 1_000 + minutes * 60;
const alice = { 'ip-address': desk, 'user-name': 'Alice', 'domain-name': 'ACME', timestamp: at(-5), activity: 'login' };
const filters = (told: object = {}) => ({ domains: [], includeIp: [], excludeIp: [], ...told });

function entriesOf(...told: readonly object[]) {
  const { report } = readReport(Buffer.from(JSON.stringify({ report_entries: told })));
  if (report === undefined || report.unreadable > 0) throw new Error('The example cannot be read.');
  return report.entries;
}

/** What is made of one entry of a batch. */
function of(told: object, settings: Parameters<typeof jimsWith>[0] = {}) {
  const [entry] = entriesOf({ ...alice, ...told });
  if (entry === undefined) throw new Error('There is no entry.');
  return reported(entry, jimsWith(settings), noon);
}

/** What is made of the answer to a question about the desk. */
const mapped = (told: readonly object[], domains: readonly string[] = []) =>
  reportedMapping(entriesOf(...told), { ip: desk, now: noon, filters: filters({ domains }) });

describe('an entry of a batch', () => {
  test('of a login is a logon, folded and grouped as a post would be', () => {
    expect(of({ roles: ['Staff', 'staff', 'VPN, remote'], 'device-name': 'Alice-Laptop' })).toEqual({
      notes: [],
      observation: {
        operation: 'logon',
        origin: 'identity-management',
        ip: desk,
        domain: 'acme',
        user: 'alice',
        groups: ['staff', 'vpn, remote'],
        source: 'Juniper Identity Management Service',
        device: { identity: 'alice-laptop' },
        instant: (noon - 300_000) * 1_000,
        timestamp: '2026-03-01T11:55:00.000000Z',
      },
    });
  });

  test('of a logout is the logoff of that user', () => {
    expect(of({ activity: 'logout' }).observation).toMatchObject({
      operation: 'logoff',
      origin: 'identity-management',
      user: 'alice',
      domain: 'acme',
    });
  });

  test('without a timestamp is of now, and one that is still to come too', () => {
    expect(of({ timestamp: null }).observation).toMatchObject({ instant: noon * 1_000, sentAs: '' });
    expect(of({ timestamp: at(60) })).toMatchObject({ notes: [{ code: 'timestamp-in-future' }], observation: { instant: noon * 1_000 } }); // prettier-ignore
  });

  test('that names no user ends whoever is there, in whatever domain', () => {
    const { observation } = of({ 'user-name': null });

    expect(observation).toMatchObject({ operation: 'logoff', ip: desk, instant: (noon - 300_000) * 1_000 });
    expect(observation).not.toHaveProperty('user');
    expect(observation).not.toHaveProperty('domain');
  });

  test.each([
    ['login', { 'user-name': null }],
    ['logout', { 'user-name': '', activity: 'logout' }],
  ])('that names no user ends nobody where valid users are preserved: %s', (_case, told) => {
    expect(of(told, { preserveValidUser: true })).toEqual({ dropped: 'user-preserved' });
  });

  test('that names a user counts where valid users are preserved', () => {
    expect(of({ activity: 'logout' }, { preserveValidUser: true }).observation).toMatchObject({ user: 'alice' });
  });

  test.each<[string, readonly string[], object, 'domain-filtered' | undefined]>([
    ['in a wanted domain', ['acme', 'globex'], {}, undefined],
    ['in a wanted domain, in other letters', ['AcMe'], {}, undefined],
    ['in another domain', ['globex'], {}, 'domain-filtered'],
    ['in no domain', ['acme'], { 'domain-name': null }, 'domain-filtered'],
    ['in no domain, which is the global one', ['GLOBAL'], { 'domain-name': '' }, undefined],
    ['of a machine in another domain', ['globex'], { 'user-name': null }, 'domain-filtered'],
    ['of a machine of which nothing else is known', ['globex'], { 'user-name': null, 'domain-name': null }, undefined],
    ['that left another domain', ['globex'], { activity: 'logout' }, 'domain-filtered'],
  ])('filter domain: %s', (_case, domains, told, dropped) => {
    expect(of(told, { filters: filters({ domains }) }).dropped).toBe(dropped);
  });

  test.each([
    ['included', { includeIp: ['192.0.2.0/24'] }, undefined],
    ['not included', { includeIp: ['198.51.100.0/24'] }, 'address-filtered'],
    ['excluded', { excludeIp: [desk] }, 'address-filtered'],
    ['included and excluded', { includeIp: ['192.0.2.0/24'], excludeIp: [desk] }, 'address-filtered'],
  ])('filter include-ip and exclude-ip: an address that is %s', (_case, told, dropped) => {
    expect(of({}, { filters: filters(told) }).dropped).toBe(dropped);
  });

  test.each([
    ['no address', { 'ip-address': null }, 'ip-missing'],
    ['an address that is none', { 'ip-address': '192.0.2.256' }, 'ip-invalid'],
    ['an address that nobody is behind', { 'ip-address': '127.0.0.1' }, 'ip-invalid'],
    ['a user that is too long', { 'user-name': 'a'.repeat(256) }, 'user-too-long'],
    ['a domain that is too long', { 'domain-name': 'a'.repeat(254) }, 'domain-too-long'],
  ])('with %s is left out', (_case, told, dropped) => {
    expect(of(told)).toEqual({ dropped });
  });
});

describe('the answer about an address', () => {
  test.each<[string, readonly object[], string]>([
    ['no entries', [], 'no-record'],
    ['an entry of another address', [{ ...alice, 'ip-address': '192.0.2.99' }], 'other-address'],
    ['an entry of an address that is none', [{ ...alice, 'ip-address': 'here' }], 'other-address'],
    ['a machine without a user', [{ ...alice, 'user-name': null }], 'no-user'],
    ['a user who left', [{ ...alice, activity: 'logout' }], 'user-offline'],
    ['a user who came and left', [alice, { ...alice, activity: 'logout', timestamp: at(-1) }], 'user-offline'],
    ['a user who came, and then nobody', [alice, { ...alice, 'user-name': null, activity: 'logout', timestamp: at(-1) }], 'user-offline'], // prettier-ignore
    ['a user who is too long', [{ ...alice, 'user-name': 'a'.repeat(256) }], 'user-too-long'],
  ])('%s is nobody', (_case, told, reason) => {
    expect(mapped(told)).toEqual({ kind: 'nobody', reason });
  });

  test('of several logons the newest that nobody ended counts', () => {
    const told = [
      { ...alice, 'user-name': 'older', timestamp: at(-9) },
      { ...alice, 'user-name': 'newest', timestamp: at(-3) },
      { ...alice, 'user-name': 'gone', timestamp: at(-2) },
      { ...alice, 'user-name': 'GONE', timestamp: at(-1), activity: 'logout' },
    ];

    expect(mapped(told)).toMatchObject({ kind: 'user', logon: { user: 'newest' } });
    expect(mapped(told.toReversed())).toMatchObject({ kind: 'user', logon: { user: 'newest' } });
  });

  test('whoever comes in the second in which they left is there', () => {
    expect(mapped([{ ...alice, activity: 'logout' }, alice])).toMatchObject({ kind: 'user' });
  });

  test('a user of a domain that is filtered is nobody, and says so', () => {
    expect(mapped([alice], ['globex'])).toEqual({ kind: 'nobody', reason: 'domain-filtered' });
    expect(mapped([alice, { ...alice, 'user-name': 'bob', 'domain-name': 'globex', timestamp: at(-9) }], ['globex'])).toMatchObject({ logon: { user: 'bob' } }); // prettier-ignore
  });
});
