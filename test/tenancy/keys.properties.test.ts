/** Keys of all stores: whatever identifiers are called, the keys of two tenants are never the same, nor is one the beginning of another's. */
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { dynamoActionBudget } from '../../shared/admission/action-budget-store.ts';
import { dynamoApprovalStore } from '../../shared/admission/approval-store.ts';
import { dynamoEventMemory } from '../../shared/admission/event-memory-store.ts';
import { dynamoTraceStore } from '../../shared/admission/trace-store.ts';
import { dynamoBatchStore } from '../../shared/batch-query/batch-store.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import type { ConnectorKey } from '../../shared/connectors/connector-state.ts';
import { dynamoConnectorStates } from '../../shared/connectors/connector-state-store.ts';
import { dynamoConnectorTests } from '../../shared/connectors/connector-test-store.ts';
import { dynamoRounds } from '../../shared/connectors/round-store.ts';
import { dynamoEndpointStore } from '../../shared/endpoints/endpoint-store.ts';
import type { Mac } from '../../shared/endpoints/mac.ts';
import { dynamoAttemptStore } from '../../shared/idempotency/attempt-store.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { dynamoChangeNotes } from '../../shared/identity/change-note-store.ts';
import { dynamoEntryStore } from '../../shared/identity/entry-store.ts';
import { dynamoSourceHeard } from '../../shared/identity/source-heard-store.ts';
import { dynamoFeedOutStore } from '../../shared/infected-hosts/feed-out-store.ts';
import { dynamoFeedStore } from '../../shared/infected-hosts/feed-store.ts';
import { dynamoHostStore } from '../../shared/infected-hosts/host-store.ts';
import { dynamoAccessLog } from '../../shared/journal/access-log-store.ts';
import { dynamoDebugLog, dynamoDebugSwitch } from '../../shared/journal/debug-store.ts';
import { dynamoEventLog } from '../../shared/journal/event-log-store.ts';
import { dynamoReceiptStore } from '../../shared/journal/receipt-store.ts';
import { dynamoSenderStore } from '../../shared/journal/sender-store.ts';
import { dynamoStoryStore } from '../../shared/journal/story-store.ts';
import type { SecretReference } from '../../shared/outbound/secrets.ts';
import { dynamoSecretStore } from '../../shared/outbound/secret-store.ts';
import { dynamoSessionStore } from '../../shared/sessions/session-store.ts';
import { dynamoCredentialStore } from '../../shared/tenancy/credential-store.ts';
import { dynamoTenantStore } from '../../shared/tenancy/tenant-store.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { dynamoQuestionStore } from '../../shared/user-query/question-store.ts';
import { dynamoServerStore } from '../../shared/user-query/server-store.ts';
import type { ServerName } from '../../shared/user-query/servers.ts';
import { dynamoTokenStore } from '../../shared/user-query/token-store.ts';

/** What a store is asked with: any text, but for addresses and MACs, which are read before a store sees them. */
interface Names {
  readonly one: string;
  readonly other: string;
  readonly ip: IpAddress;
  readonly mac: Mac;
}

const logger = new Logger({ logLevel: 'SILENT' });
const cipher = { encrypt: async () => Promise.resolve(new Uint8Array()), decrypt: async () => Promise.resolve('') };
const page = { limit: 10 };
const receiptId = (text: string) => `01a223ea-cd50-766b-a951-${Buffer.from(text).toString('hex').padEnd(12, '0').slice(0, 12)}`; // prettier-ignore

/** One request of each store, with names wherever a key takes some. */
const uses: Readonly<Record<string, (client: DynamoDBClient, tenant: TenantId, names: Names) => Promise<unknown>>> = {
  'an approval': async (client, tenant, { one }) => dynamoApprovalStore(client, 't').read(tenant, one),
  'the answer to a threat action': async (client, tenant, { one, other }) => dynamoEventMemory(client, 't').answerTo(tenant, one, other, 0), // prettier-ignore
  'the newest clear': async (client, tenant, { one, ip }) => dynamoEventMemory(client, 't').noteClear(tenant, { client: one, hold: 'blocked', target: ip }, 0, 0), // prettier-ignore
  'the trace of an event': async (client, tenant, { one, other }) => dynamoTraceStore(client, 't').of(tenant, { client: one, id: other }, page), // prettier-ignore
  'the automatic actions of late': async (client, tenant, { one }) => dynamoActionBudget(client, 't').take(tenant, { key: one, most: 1, now: 0 }), // prettier-ignore
  'an infected host': async (client, tenant, { ip }) => dynamoHostStore(client, 't').read(tenant, ip),
  'infected hosts': async (client, tenant) => dynamoHostStore(client, 't').list(tenant, page),
  'hosts that are kept out': async (client, tenant) => dynamoHostStore(client, 't').keptOut(tenant, page),
  'when connectors have to be told': async (client, tenant) => dynamoHostStore(client, 't').due(tenant, 0, 10),
  'a feed': async (client, tenant) => dynamoFeedStore(client, 't').read(tenant, 'atp-cloud'),
  'the feed for firewalls': async (client, tenant) => dynamoFeedOutStore(client, 't').read(tenant),
  'how a connector is': async (client, tenant, { one }) => dynamoConnectorStates(client, 't').read(tenant, one as ConnectorKey), // prettier-ignore
  'how connectors are': async (client, tenant) => dynamoConnectorStates(client, 't').all(tenant),
  'a draft that is tried': async (client, tenant, { one }) => dynamoConnectorTests(client, 't', cipher).read(tenant, one, 0), // prettier-ignore
  'how far hosts are compared': async (client, tenant, { one }) => dynamoRounds(client, 't').read(tenant, one),
  'a batch': async (client, tenant) => dynamoBatchStore(client, 't').read(tenant),
  'a configuration': async (client, tenant) => dynamoConfigurationStore(client, 't').current(tenant),
  'an endpoint': async (client, tenant, { mac }) => dynamoEndpointStore(client, 't').read(tenant, [mac]),
  endpoints: async (client, tenant) => dynamoEndpointStore(client, 't').list(tenant, page),
  'an attempt': async (client, tenant, { one, other }) => dynamoAttemptStore(client, 't', cipher).read({ tenant, credentialId: one, key: other }), // prettier-ignore
  'changes of entries': async (client, tenant) =>
    dynamoChangeNotes(client, 't').put(tenant, { notedAt: 0, id: 'ab', untilAt: 0, changes: [] }),
  'an entry': async (client, tenant, { ip }) => dynamoEntryStore(client, 't').read(tenant, [{ ip, slot: 'userid' }]),
  entries: async (client, tenant) => dynamoEntryStore(client, 't').list(tenant, page),
  'a source': async (client, tenant) => dynamoSourceHeard(client, 't', logger).read(tenant),
  'the access log': async (client, tenant) => dynamoAccessLog(client, 't').find(tenant, {}, page),
  'the debug log': async (client, tenant) => dynamoDebugLog(client, 't').find(tenant, {}, page),
  'the debug switch': async (client, tenant) => dynamoDebugSwitch(client, 't').until(tenant),
  'the event log': async (client, tenant, { mac }) => dynamoEventLog(client, 't').find(tenant, { mac }, page),
  'a receipt': async (client, tenant, { one }) => dynamoReceiptStore(client, 't', logger).find(tenant, [receiptId(one)], 0), // prettier-ignore
  senders: async (client, tenant) => dynamoSenderStore(client, 't', logger).all(tenant, 0),
  'the story of a user': async (client, tenant, { one }) => dynamoStoryStore(client, 't', logger).read(tenant, { user: one }, { limit: 10, now: 0 }), // prettier-ignore
  'the story of an address': async (client, tenant, { ip }) => dynamoStoryStore(client, 't', logger).read(tenant, { ip }, { limit: 10, now: 0 }), // prettier-ignore
  'a secret': async (client, tenant, { one, other }) => dynamoSecretStore(client, 't', cipher).open({ tenant, name: one }, `${one}#${other}` as SecretReference), // prettier-ignore
  'a session': async (client, tenant, { one, other }) => dynamoSessionStore(client, 't').find(tenant, { credentialId: one, id: other }), // prettier-ignore
  'a credential': async (client, tenant, { one }) => dynamoCredentialStore(client, 't').find(tenant, one),
  'the tenant': async (client, tenant) => dynamoTenantStore(client, 't').find(tenant),
  questions: async (client, tenant) => dynamoQuestionStore(client, 't').since(tenant, 0),
  'a server': async (client, tenant, { one }) => dynamoServerStore(client, 't').read(tenant, one as ServerName),
  'a token': async (client, tenant, { one, other }) => dynamoTokenStore(client, 't', cipher).read({ tenant, server: one as ServerName, clientId: other }), // prettier-ignore
};

/** The partitions that a request would have reached, had it been sent. */
async function partitionsOf(use: (client: DynamoDBClient) => Promise<unknown>): Promise<readonly string[]> {
  const found: string[] = [];
  const client = new DynamoDBClient({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
  });
  client.middlewareStack.add(
    () =>
      async ({ input }) => {
        found.push(...partitionsIn(input));
        return Promise.reject(new Error('Only its keys are wanted.'));
      },
    { step: 'initialize' },
  );
  await use(client).catch(() => undefined);
  client.destroy();
  return found;
}

function partitionsIn(input: unknown): readonly string[] {
  if (typeof input !== 'object' || input === null) return [];
  return Object.entries(input).flatMap(([name, value]) => {
    if (name === 'Parameters' || name === 'Statements') return textsIn(value).filter((each) => each.startsWith('T#'));
    const text = (value as { S?: unknown } | null)?.S;
    return ['pk', ':pk', ':tenant', ':partition'].includes(name) && typeof text === 'string' ? [text] : partitionsIn(value); // prettier-ignore
  });
}

/** A statement takes the keys among its other values. */
const textsIn = (value: unknown): readonly string[] =>
  typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []; // prettier-ignore

const isOf = (tenant: string, partition: string) => partition === `T#${tenant}` || partition.startsWith(`T#${tenant}#`);

const letters = 'abct019-'.split('');
const tenantId = fc
  .tuple(fc.constantFrom(...letters.slice(0, -1)), fc.array(fc.constantFrom(...letters), { maxLength: 31 }))
  .map(([first, rest]) => [first, ...rest].join('') as TenantId);
/** Two tenants of which one's name begins the other's, or any two. */
const twoTenants = fc
  .oneof(
    fc.tuple(tenantId, tenantId),
    fc.tuple(tenantId, fc.constantFrom('0', '-', '-0', '1')).map(([id, more]) => [id, `${id}${more}`.slice(0, 32)] as [TenantId, TenantId]), // prettier-ignore
  )
  .filter(([one, other]) => one !== other);
const odd = fc.constantFrom('a#b', 'T#t10#', '#', '..', 'a/b', 'a%23b', '\u0430lice', 'ａｌｉｃｅ', 'ALICE', 'alice\u0301', 'null', '\u0000'); // prettier-ignore
const text = fc.oneof(
  odd,
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.tuple(odd, odd).map((pair) => pair.join('#')),
);
const ip = fc.oneof(fc.ipV4(), fc.constantFrom('2001:db8::50', '::1')).map((each) => each as IpAddress);
const mac = fc
  .array(fc.integer({ min: 0, max: 255 }), { minLength: 6, maxLength: 6 })
  .map((bytes) => bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':') as Mac);
const names: fc.Arbitrary<Names> = fc.record({ one: text, other: text, ip, mac });

test.each(Object.keys(uses))('%s of a tenant lies under its own key, whatever anything is called', async (what) => {
  const use = uses[what];
  await fc.assert(
    fc.asyncProperty(twoTenants, names, async ([tenant, another], told) => {
      const partitions = await partitionsOf(async (client) => use?.(client, tenant, told));

      expect(partitions).not.toEqual([]);
      const own = partitions.filter((each) => each !== 'T#_provider'); // its list of tenants is no tenant's
      expect(own.filter((each) => !isOf(tenant, each))).toEqual([]);
      expect(partitions.filter((each) => isOf(another, each))).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

test('a key without the separator behind the tenant is found by the same law', () => {
  const withoutSeparator = (tenant: string, shard: string) => `T#${tenant}${shard}`;

  expect(() =>
    fc.assert(
      fc.property(twoTenants, fc.constantFrom('00', '07', '#0'), ([tenant, another], shard) => {
        const partition = withoutSeparator(tenant, shard);
        expect([isOf(tenant, partition), isOf(another, partition)]).toEqual([true, false]);
      }),
    ),
  ).toThrow();
});
