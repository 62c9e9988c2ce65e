import { type Configuration, defaults, noVersion } from '../../shared/configuration/configuration.ts';
import { referencesOf, shown } from '../../shared/configuration/configuration-secrets.ts';
import { aFullConfiguration, at } from '../support/configurations.ts';
import { changingConfigurations, cppm, userQuery, wrongWith } from '../support/changing-configurations.ts';
import { codeOfAsync } from '../support/errors.ts';
import { acme, globex, hours, noon } from '../support/observations.ts';

let { configurations, secrets, replace, secretOf, outrun } = changingConfigurations();
beforeEach(() => {
  ({ configurations, secrets, replace, secretOf, outrun } = changingConfigurations());
});
const wrongIn = async (document: unknown) => wrongWith(replace(document));

test('what is left out takes its default, also where something else stood before', async () => {
  await replace({ networks: ['10.0.0.0/8'], clearpass: { entryTimeout: 60 } });

  const { configuration } = await replace({ webApi: { allowedClients: ['192.0.2.1'] } });

  const expected = { ...defaults, webApi: { ...defaults.webApi, allowedClients: ['192.0.2.1'] } };
  expect(configuration).toEqual(expected);
  expect((await configurations.current(acme)).configuration).toEqual(expected);
  expect((await configurations.current(globex)).version).toBe(noVersion);
});

test('a client secret is kept apart: the configuration refers to it, and what is shown tells only that it is there', async () => {
  const { configuration } = await replace(aFullConfiguration);

  expect(await secretOf(configuration)).toBe('written, never read back');
  expect(JSON.stringify(configuration)).not.toContain('never read back');
  expect(shown(configuration).clearpass.userQuery).toMatchObject({ clientSecretSet: true });
  expect(JSON.stringify(shown(configuration))).not.toContain('"clientSecret"');
  expect(shown(configuration).identityManagement.primary).toMatchObject({ clientSecretSet: false });
});

test('what is shown can be sent back as it is, and keeps the secret', async () => {
  const first = await replace(aFullConfiguration);

  const second = await replace(JSON.parse(JSON.stringify(shown(first.configuration))));

  expect(second.configuration).toEqual(first.configuration);
  expect(await secretOf(second.configuration)).toBe('written, never read back');
});

test('a new secret takes the place of the old one, which stays for the version that had it', async () => {
  const first = await replace(userQuery({ clientSecret: 'first' }));

  const { configuration } = await replace(userQuery({ clientSecret: 'second' }));

  expect(await secretOf(configuration)).toBe('second');
  expect(await secretOf(first.configuration)).toBe('first');
});

test.each([[null], ['']])('a secret that is sent as %j is removed', async (clientSecret) => {
  await replace(userQuery({ clientSecret: 'first' }));

  const { configuration } = await replace(userQuery({ clientSecret }));

  expect(referencesOf(configuration)).toEqual([]);
});

test('whether a secret is set is told, and what is said of it is not believed', async () => {
  const { configuration } = await replace(userQuery({ clientSecretSet: true }));

  expect(shown(configuration).clearpass.userQuery).toMatchObject({ clientSecretSet: false });
});

test('each server has its secret, and one that is taken out takes its own along', async () => {
  const server = { address: 'jims.example.net', clientId: 'postern' };
  const both = { primary: { ...server, clientSecret: 'one' }, secondary: { ...server, clientSecret: 'two' } };
  const { configuration } = await replace({ identityManagement: both });
  const { primary, secondary } = configuration.identityManagement;
  const open = async (name: string, { clientSecret }: typeof primary) =>
    clientSecret && (await secrets.open({ tenant: acme, name }, clientSecret))?.text;
  expect(await open('identity-management-primary', primary)).toBe('one');
  expect(secondary && (await open('identity-management-secondary', secondary))).toBe('two');

  const without = await replace({ identityManagement: { primary: server } });

  expect(referencesOf(without.configuration)).toEqual([primary.clientSecret]);
});

test('the secrets and versions of one tenant are out of reach for another', async () => {
  const ours = await replace(userQuery({ clientSecret: 'ours' }));
  const theirs = await replace(userQuery({ clientSecret: 'theirs' }), { tenant: globex });
  await replace({}, { tenant: globex });

  expect(await secretOf(ours.configuration)).toBe('ours');
  expect(await secretOf(ours.configuration, globex)).toBeUndefined();
  expect(await codeOfAsync(replace({}, { onlyOver: [theirs.version] }))).toBe('version-changed');
});

test('a change of another version than the one that holds is refused, and changes nothing', async () => {
  const first = await replace({ networks: ['10.0.0.0/8'] }, { onlyOver: [noVersion] });
  const second = await replace({ networks: ['192.0.2.0/24'] }, { onlyOver: [first.version, 'other'] });

  expect(await codeOfAsync(replace({}, { onlyOver: [first.version] }))).toBe('version-changed');
  expect(await codeOfAsync(replace({}, { onlyOver: [] }))).toBe('version-changed');
  expect(await configurations.current(acme)).toEqual(second);
});

/** Who made each of the versions that are stored, the oldest first. */
const heldBy = async () => (await configurations.history(acme)).records.map((record) => record.author.name);

test('who is outrun starts again from what others left, their secret included', async () => {
  const { configuration } = await replace({ networks: ['10.0.0.0/8'] }, { configurations: outrun(2) });

  expect(await secretOf(configuration)).toBe('other 0');
  expect(configuration.networks).toEqual(['10.0.0.0/8']);
  expect(await heldBy()).toHaveLength(3);
});

test('who is outrun too often, or insists on a version, is refused, and leaves no secret behind', async () => {
  const mine = userQuery({ clientSecret: 'mine' });
  expect(await codeOfAsync(replace(mine, { configurations: outrun(3) }))).toBe('busy');
  const { version } = await configurations.current(acme);

  expect(await codeOfAsync(replace(mine, { configurations: outrun(1), onlyOver: [version] }))).toBe('version-changed');

  expect(secrets.count()).toBe(4); // those of the others, each in a version of theirs
  expect(await heldBy()).toEqual(['another', 'another', 'another', 'another']);
  expect(await secretOf((await configurations.current(acme)).configuration)).toBe('other 0');
});

test('a secret that cannot be kept or forgotten: no change without the first, no failure for the second', async () => {
  const failing = { ...secrets, keep: async () => Promise.reject(new Error('KMS is down')) };
  await expect(replace(userQuery({ clientSecret: 'x' }), { secrets: failing })).rejects.toThrow('KMS is down');
  expect((await configurations.current(acme)).version).toBe(noVersion);

  await replace(userQuery({ clientSecret: 'x' }));
  const forgetful = { ...secrets, forget: async () => Promise.reject(new Error('slow')) };

  expect(
    referencesOf((await replace(userQuery({ clientSecret: null }), { secrets: forgetful })).configuration),
  ).toEqual([]);
});

test('what is switched on without what it needs is refused, with all that it needs', async () => {
  expect(await wrongIn(userQuery({ enabled: true }))).toEqual(
    ['server/name', 'server/address', 'clientId', 'clientSecret'].map((name) => [
      `/clearpass/userQuery/${name}`,
      'required',
    ]),
  );
  expect(await wrongIn({ identityManagement: { enabled: true, secondary: {} } })).toEqual(
    ['primary', 'secondary'].flatMap((server) =>
      ['address', 'clientId', 'clientSecret'].map((name) => [`/identityManagement/${server}/${name}`, 'required']),
    ),
  );
  expect(secrets.count()).toBe(0);
});

test('a secret that was kept before is enough for what is switched on now', async () => {
  const server = { name: 'cppm', address: 'clearpass.example.net' };
  await replace(userQuery({ server, clientSecret: 'kept' }));

  expect(await wrongIn(userQuery({ enabled: true, clientId: 'postern', server }))).toEqual([]);
  expect(await wrongIn(userQuery({ enabled: true, clientId: 'postern', server, clientSecret: null }))).toEqual([
    ['/clearpass/userQuery/clientSecret', 'required'],
  ]);
});

test('a kept secret goes to the host that it was given for, and to no other', async () => {
  await replace(cppm('clearpass.example.net', { clientSecret: 'kept' }));

  expect(await wrongIn(cppm('elsewhere.example.net'))).toEqual([['/clearpass/userQuery/clientSecret', 'secret-again']]);
  expect(await secretOf((await configurations.current(acme)).configuration)).toBe('kept');
  const { configuration } = await replace(cppm('elsewhere.example.net', { clientSecret: 'another' }));
  expect(await secretOf(configuration)).toBe('another');
});

test('a secret that is replaced may stand in for the new one for a day, at the host that it was given for and no other', async () => {
  const open = async ({ clearpass }: Configuration) => {
    const { clientSecret } = clearpass.userQuery;
    return clientSecret === null ? undefined : secrets.open({ tenant: acme, name: 'clearpass' }, clientSecret);
  };
  const first = await replace(cppm('clearpass.example.net', { clientSecret: 'first' }));
  const second = await replace(cppm('ClearPass.example.net', { clientSecret: 'second' }));
  const elsewhere = await replace(cppm('elsewhere.example.net', { clientSecret: 'third' }));

  expect(await open(first.configuration)).toEqual({ text: 'first' });
  expect(await open(second.configuration)).toEqual({
    text: 'second',
    former: { reference: first.configuration.clearpass.userQuery.clientSecret, untilAt: noon + hours(24) },
  });
  expect(await open(elsewhere.configuration)).toEqual({ text: 'third' });
});

test('the same host in other letters, and another port of it, keep the secret', async () => {
  await replace(cppm('clearpass.example.net', { clientSecret: 'kept' }));

  const server = { name: 'cppm', address: 'ClearPass.Example.NET', port: 8443, connectMethod: 'http' };
  const { configuration } = await replace(userQuery({ server }));

  expect(await secretOf(configuration)).toBe('kept');
});

test('a server that is taken out takes its secret along, so that no host that is named later gets it', async () => {
  await replace(cppm('clearpass.example.net', { clientSecret: 'kept' }));

  expect(referencesOf((await replace({})).configuration)).toEqual([]);

  expect(referencesOf((await replace(cppm('elsewhere.example.net'))).configuration)).toEqual([]);
});

test('nothing of a document with something wrong in it is stored', async () => {
  await replace({ networks: ['10.0.0.0/8'] });

  const document = { ...userQuery({ clientSecret: 'x' }), networks: ['x'], policies: [{ name: 'default-policy' }] };
  expect(await wrongIn(document)).toEqual(
    expect.arrayContaining([
      ['/networks/0', 'form'],
      ['/policies/0/action', 'required'],
      ['/policies/0/name', 'reserved'],
    ]),
  );
  expect(await wrongIn(at('/clearpass/userQuery/enabled', true))).toHaveLength(4);

  expect((await configurations.current(acme)).configuration.networks).toEqual(['10.0.0.0/8']);
  expect(secrets.count()).toBe(0);
});
