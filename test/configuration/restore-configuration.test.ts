import { type ConfigurationStore, noVersion } from '../../shared/configuration/configuration.ts';
import { radiusSecretName, referencesOf } from '../../shared/configuration/configuration-secrets.ts';
import { provePassword } from '../../shared/radius/password.ts';
import { aFullConfiguration } from '../support/configurations.ts';
import { author, changingConfigurations, cppm, wrongWith } from '../support/changing-configurations.ts';
import { codeOfAsync } from '../support/errors.ts';
import { acme, globex, noon } from '../support/observations.ts';

let { configurations, secrets, replace, restore, versions, secretOf, outrun } = changingConfigurations();
beforeEach(() => {
  ({ configurations, secrets, replace, restore, versions, secretOf, outrun } = changingConfigurations());
});

test('a version that is restored is a new one with the old content, the old secret too', async () => {
  const first = await replace({ ...cppm('a.example', { clientSecret: 'first' }), networks: ['10.0.0.0/8'] });
  await replace(cppm('b.example', { clientSecret: 'second' }));

  const restored = await restore('1');

  expect(restored.configuration).toEqual(first.configuration);
  expect(await secretOf(restored.configuration)).toBe('first');
  expect(await configurations.current(acme)).toEqual(restored);
  expect(await versions()).toMatchObject([
    { version: restored.version, number: 3, restored: 1, message: 'as it was', author, changedAt: noon },
    { number: 2 },
    { version: first.version, number: 1 },
  ]);
});

test.each(['2', '0', 'none', 'latest'])('a version that is not there cannot be restored: %s', async (version) => {
  await replace({});

  expect(await codeOfAsync(restore(version))).toBe('version-absent');
});

test('a tenant restores versions of its own only', async () => {
  const ours = await replace({ networks: ['10.0.0.0/8'] });

  expect(await codeOfAsync(restore(ours.version, { tenant: globex }))).toBe('version-absent');
  expect(await codeOfAsync(restore('1', { tenant: globex }))).toBe('version-absent');
  expect(await versions(globex)).toEqual([]);
});

test('a restore over another version than the one that was read is refused, and changes nothing', async () => {
  const first = await replace({});
  const second = await replace({ networks: ['10.0.0.0/8'] });

  expect(await codeOfAsync(restore('1', { onlyOver: [first.version] }))).toBe('version-changed');
  expect(await configurations.current(acme)).toEqual(second);
  expect((await restore('1', { onlyOver: [second.version] })).configuration).toEqual(first.configuration);
});

test('who restores and is outrun starts again', async () => {
  const first = await replace({ networks: ['10.0.0.0/8'] });

  expect((await restore('1', { configurations: outrun(2) })).configuration).toEqual(first.configuration);
  expect((await versions())[0]).toMatchObject({ number: 4, restored: 1 });
  expect(await codeOfAsync(restore('1', { configurations: outrun(3) }))).toBe('busy');
});

test('what would be refused today is not restored either', async () => {
  const { configuration } = await replace(aFullConfiguration);
  const { version } = await configurations.current(acme);
  const stricter = { ...configuration, activeDirectory: { enabled: true } };
  await configurations.replace(acme, { configuration: stricter, read: version, changedAt: noon, author });
  await replace({});

  expect(await wrongWith(restore('2'))).toEqual([['/activeDirectory/enabled', 'exclusive']]);
});

test('a secret that has been erased is said, and nothing is restored without it', async () => {
  const first = await replace(cppm('a.example', { clientSecret: 'first' }));
  await replace({});
  for (const reference of referencesOf(first.configuration)) await secrets.forget(acme, reference);

  expect(await wrongWith(restore('1'))).toEqual([['/clearpass/userQuery/clientSecret', 'secret-erased']]);
  expect(await versions()).toHaveLength(2);
});

test('the newest fifty are kept, with their secrets; what goes takes its own along', async () => {
  await replace(cppm('a.example', { clientSecret: 'first' }));
  await replace(cppm('a.example', { clientSecret: 'second' }));
  for (let count = 0; count < 49; count += 1) await replace(cppm('a.example'));
  expect(await versions()).toHaveLength(50);
  expect(secrets.count()).toBe(1);

  expect(await codeOfAsync(restore('1'))).toBe('version-absent');
  expect(await secretOf((await restore('2')).configuration)).toBe('second');
  expect((await configurations.history(acme)).records).toHaveLength(50);
  expect(secrets.count()).toBe(1);
});

test('what cannot be tidied up now is tidied up by the next change', async () => {
  for (let count = 0; count < 50; count += 1) await replace({});
  const failing = { ...configurations, remove: async () => Promise.reject(new Error('slow')) };

  await replace({}, { configurations: failing });
  expect((await configurations.history(acme)).records).toHaveLength(51);
  await replace({});

  expect((await configurations.history(acme)).records).toHaveLength(50);
});

test('a change that stopped leaves its secret to be forgotten by a later one', async () => {
  await replace(cppm('a.example', { clientSecret: 'first' }));
  const failing: ConfigurationStore = {
    ...configurations,
    async replace(tenant, change) {
      // Everything is written but the pointer: for nobody has read this version.
      await configurations.replace(tenant, { ...change, read: 'of nobody' as typeof noVersion });
      throw new Error('out of order');
    },
  };
  await expect(replace(cppm('a.example', { clientSecret: 'x' }), { configurations: failing })).rejects.toThrow();
  expect([await versions(), secrets.count()]).toMatchObject([[{ number: 1 }], 2]);

  await replace({}, { now: () => noon + 60 * 60_000 });

  expect((await configurations.history(acme)).records).toHaveLength(2);
  expect(secrets.count()).toBe(1);
});

test('a version brings back the switches and local users that it had, with their secrets and passwords', async () => {
  const setUp = (secret: string, password: string) => ({
    threatResponse: {
      radiusClients: [{ name: 'core-1', address: '192.0.2.10', secret, locationGroup: 'head-office' }],
      authenticationServers: [{ name: 'local', type: 'local', users: [{ name: 'ann', password }] }],
    },
  });
  const first = await replace(setUp('first', 'one'));
  await replace(setUp('second', 'two'));
  await replace({});

  const { configuration } = await restore('1');

  expect(configuration).toEqual(first.configuration);
  const [client] = configuration.threatResponse.radiusClients;
  const [server] = configuration.threatResponse.authenticationServers;
  const hash = server?.type === 'local' ? server.users[0]?.password : null;
  expect(client?.secret && (await secrets.open({ tenant: acme, name: radiusSecretName('core-1') }, client.secret))).toMatchObject({ text: 'first' }); // prettier-ignore
  expect(hash && (await provePassword('one', hash))).toBe('right');
});

/** Each with its name for a secret. */
const switches = (...names: string[]) => ({
  threatResponse: {
    radiusClients: names.map((name, index) => ({
      name,
      address: `192.0.2.${index + 1}`,
      secret: name,
      locationGroup: 'head-office',
    })),
  },
});

test('where the secret of one of many switches has been erased, that one is told and nothing is restored', async () => {
  const { configuration } = await replace(switches('core-1', 'core-2', 'core-3'));
  const { secret } = configuration.threatResponse.radiusClients[1] ?? {};
  if (secret != null) await secrets.forget(acme, secret);
  await replace({});

  expect(await wrongWith(restore('1'))).toEqual([['/threatResponse/radiusClients/1/secret', 'secret-erased']]);
  expect((await configurations.current(acme)).configuration.threatResponse.radiusClients).toEqual([]);
});

test('where one of many secrets cannot be kept, none is, and nothing is changed', async () => {
  const failing = {
    ...secrets,
    keep: async (...[purpose, secret, former]: Parameters<typeof secrets.keep>) =>
      secret === 'core-2' ? Promise.reject(new Error('KMS is down')) : secrets.keep(purpose, secret, former),
  };

  await expect(replace(switches('core-1', 'core-2'), { secrets: failing })).rejects.toThrow('KMS');

  expect(secrets.count()).toBe(0);
  expect(await versions()).toEqual([]);
});
