/** Functions are killed at any moment. Whatever a change had done by then, what holds and what is kept is whole. */
import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import {
  type ChangeConfiguration,
  replaceConfiguration,
  restoreConfiguration,
} from '../../shared/configuration/change-configuration.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { keptVersions, versionsOf } from '../../shared/configuration/versions.ts';
import { dynamoSecretStore } from '../../shared/outbound/secret-store.ts';
import { type Engine, startEmbedded, tables } from '../support/engine.ts';
import { fakeCipher } from '../support/fake-secrets.ts';
import { interposed } from '../support/interposed.ts';
import { acme, globex, minutes, noon } from '../support/observations.ts';
import { aSalt } from '../support/salt.ts';

let engine: Engine;
let now = noon;
beforeAll(async () => {
  engine = await startEmbedded();
});
afterAll(async () => engine.stop());

const on = (client: DynamoDBClient): ChangeConfiguration => ({
  configurations: dynamoConfigurationStore(client, tables.tenants),
  secrets: dynamoSecretStore(client, tables.tenants, fakeCipher()),
  salt: aSalt,
  now: () => now,
});

let changes = 0;
const change = { author: { id: 'credential-1', name: 'first' } };
const replace = async (deps: ChangeConfiguration, tenant = acme) => {
  const userQuery = { server: { address: 'a.example' }, clientSecret: `secret ${(changes += 1)}` };
  return replaceConfiguration(deps, tenant, { ...change, document: { clearpass: { userQuery } } });
};
const versions = async () => versionsOf(await on(engine.client).configurations.history(acme));
const restore = async (deps: ChangeConfiguration, version = '') =>
  restoreConfiguration(deps, acme, { ...change, version });

/** A client whose function is killed after so many requests: the next one is not sent any more, or is not answered. */
function killedAfter(requests: number, last: 'unsent' | 'unanswered') {
  let left = requests;
  return interposed(engine, async (_, send) => {
    left -= 1;
    if (left === -1 && last === 'unanswered') await send();
    if (left < 0) throw new Error('killed');
    return send();
  });
}

async function expectWhole() {
  const { configurations } = on(engine.client);
  const kept = await versions();
  expect(kept).toHaveLength(keptVersions);
  const [newest, oldest] = [kept[0], kept.at(-1)];
  if (newest === undefined || oldest === undefined) throw new Error('A configuration that was set has a version.');
  expect(await configurations.current(acme)).toEqual({
    version: newest.version,
    configuration: await configurations.version(acme, newest),
  });
  expect((await configurations.version(acme, oldest))?.clearpass.userQuery.clientSecret).toBe(oldest.secrets[0]);
  const there = new Set(await sortKeys(acme));
  const needed = kept.flatMap(({ version, secrets }) => [
    `CONFIGURATION#${version}#000`,
    ...secrets.map((reference) => `SECRET#${reference}`),
  ]);
  expect(needed.filter((key) => !there.has(key))).toEqual([]);
}

async function sortKeys(tenant: string) {
  const found: string[] = [];
  const ExpressionAttributeValues = { ':tenant': { S: `T#${tenant}` } };
  const query = { TableName: tables.tenants, KeyConditionExpression: 'pk = :tenant', ExpressionAttributeValues };
  for await (const { Items = [] } of paginateQuery({ client: engine.client }, query)) {
    found.push(...Items.flatMap(({ sk }) => sk?.S ?? []));
  }
  return found;
}

test('a change or a restore that is killed after any of its requests leaves every kept version whole', async () => {
  await replace(on(engine.client), globex);
  for (let count = 0; count < keptVersions; count += 1) await replace(on(engine.client));
  const outcomes = new Set<string>();

  for (const last of ['unsent', 'unanswered'] as const) {
    for (let requests = 0; requests < 14; requests += 1) {
      for (const act of [
        replace,
        async (deps: ChangeConfiguration) => restore(deps, String((await versions()).at(-1)?.number)),
      ]) {
        const made = await act(on(killedAfter(requests, last))).then(() => 'made', () => 'not made'); // prettier-ignore
        outcomes.add(made);
        await expectWhole();
      }
    }
  }
  now += minutes(60);
  await replace(on(engine.client));

  await expectWhole();
  expect([...outcomes].toSorted()).toEqual(['made', 'not made']);
  const left = await sortKeys(acme);
  expect(left.filter((key) => !key.startsWith('SECRET#'))).toHaveLength(1 + 2 * keptVersions);
  expect(await sortKeys(globex)).toHaveLength(4);
});
