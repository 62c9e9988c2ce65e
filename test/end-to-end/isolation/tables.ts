/** The tables as they lie in the engine, read past the service: whose each item is, and what has become of it since. */
import { type AttributeValue, DynamoDBClient, paginateListTables, paginateScan } from '@aws-sdk/client-dynamodb';
import { keys, providerTenant } from '../../../shared/contract.ts';
import type { Service } from '../service.ts';

export interface StoredItem {
  /** The name that its stack gave the table: `entries`, `endpoints`, `tenants`, `journal`. */
  readonly table: string;
  readonly partition: string;
  readonly sort: string;
  /** All of it, as JSON. */
  readonly text: string;
}

/** All items of all tables, by their place. */
export type Stored = ReadonlyMap<string, StoredItem>;

export async function allItems({ runtime }: Pick<Service, 'runtime'>): Promise<Stored> {
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_REGION = '' } = runtime.environment;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  const client = new DynamoDBClient({ endpoint: runtime.endpoints.dynamodb, region: AWS_REGION, credentials });
  const found = new Map<string, StoredItem>();
  for await (const { TableNames = [] } of paginateListTables({ client }, {})) {
    for (const TableName of TableNames) {
      const table = TableName.replace(/^.*-/, '')
        .replace(/[\dA-F]{8}$/, '')
        .toLowerCase();
      for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true })) {
        for (const stored of Items.map((item) => storedIn(table, item))) found.set(placeOf(stored), stored);
      }
    }
  }
  client.destroy();
  return found;
}

export const placeOf = ({ table, partition, sort }: StoredItem) => `${table} ${partition} / ${sort}`;

export function storedIn(table: string, item: Readonly<Record<string, AttributeValue>>): StoredItem {
  const { [keys.partition]: partition, [keys.sort]: sort } = item;
  const text = JSON.stringify(inOneOrder(item));
  return { table, partition: partition?.S ?? '', sort: sort?.S ?? '', text };
}

/** The engine tells members and sets in any order. */
function inOneOrder(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(inOneOrder);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [
    name,
    /^[SNB]S$/.test(name) && Array.isArray(member) ? member.map(String).sort() : inOneOrder(member),
  ]);
  return Object.fromEntries(members.sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)));
}

export type Owner =
  | { readonly tenant: string }
  /** A login, found by the digest of what its owner alone knows: it says itself whose it is. */
  | 'login'
  /** The cell of a server, which holds nothing of a tenant. */
  | 'server'
  /** No key that any store makes. */
  | 'nobody';

/** Whose an item is by its key alone. */
export function ownerOf({ table, partition, sort }: Pick<StoredItem, 'table' | 'partition' | 'sort'>): Owner {
  const [, tenant] = /^T#([a-z0-9][a-z0-9-]{0,31}|_provider)(?:#.+)?$/su.exec(partition) ?? [];
  if (tenant !== undefined) return { tenant };
  if (table === 'tenants' && /^CREDENTIAL#[\da-f]{64}$/.test(partition) && sort === 'CREDENTIAL') return 'login';
  if (table === 'tenants' && /^SERVER#[^/]+:\d+$/.test(partition) && sort === 'CELL') return 'server';
  return 'nobody';
}

/** What belongs to a tenant: under its key, in the provider's lists, and its logins. */
export function itemsOf(stored: Stored, tenant: string): Stored {
  const isIts = (item: StoredItem) => {
    const owner = ownerOf(item);
    if (owner === 'login') return item.text.includes(`"tenant":{"S":"${tenant}"}`);
    if (owner === 'server' || owner === 'nobody') return false;
    return owner.tenant === tenant || (owner.tenant === providerTenant && item.sort.endsWith(`#${tenant}`));
  };
  return new Map([...stored].filter(([, item]) => isIts(item)));
}

/** Those in whose keys one of these names stands. */
export const itemsNaming = (stored: Stored, names: readonly string[]): Stored =>
  new Map([...stored].filter(([place]) => names.some((name) => place.includes(name))));

/** Keys that are nobody's, or of a tenant that there is not. */
export function strayKeys(stored: Stored, known: readonly string[]): readonly string[] {
  const isWell = (item: StoredItem) => {
    const owner = ownerOf(item);
    if (owner === 'login') return item.text.includes('"tenant":');
    return owner === 'server' || (owner !== 'nobody' && known.includes(owner.tenant));
  };
  return [...stored].filter(([, item]) => !isWell(item)).map(([place]) => place);
}

/** What was added, changed or lost between two readings. */
export function changesBetween(before: Stored, after: Stored): readonly string[] {
  const added = [...after.keys()].filter((place) => !before.has(place)).map((place) => `added ${place}`);
  const lost = [...before.keys()].filter((place) => !after.has(place)).map((place) => `lost ${place}`);
  const changed = [...before].flatMap(([place, { text }]) => {
    const now = after.get(place)?.text;
    return now === undefined || now === text ? [] : [`changed ${place}`];
  });
  return [...added, ...lost, ...changed].sort();
}

/**
 * The kinds of items, by what follows the tenant in their keys. A kind that is not here fails the test: nobody would know
 * whether any tenant of it holds some.
 */
export const kinds = {
  'an entry': /^entries #\d\d \/ .+#[a-z]+$/,
  'a note of a change': /^entries #CHANGES#\d+ \/ /,
  'when a source was heard': /^journal #SOURCES \/ /,
  'how many questions are open': /^entries #QUESTIONS \/ /,
  'what may still go on to ClearPass': /^journal #THREATLOGS \/ GRANTED#\d+$/,
  'what became of threat logs': /^journal #THREATLOGS \/ COUNT#/,
  'which firewalls threat logs are counted of': /^journal #THREATLOGS \/ NAMES#/,
  'how fast threat logs went out': /^journal #THREATLOGS \/ PACE$/,
  'how far a batch of threat logs had come': /^journal #THREATLOGS \/ SENT#/,
  'what is used up': /^journal #USAGE \/ POSTS$/,
  'a session': /^entries #SESSIONS#.+ \/ (OPEN|OVER|COUNT)#/,
  'where a session is': /^entries #SESSION#.+ \/ ID$/,
  'an endpoint': /^endpoints #E#\d\d \/ /,
  'who has an address': /^endpoints #IP#.+ \/ E#/,
  'what waits for an address': /^endpoints #IP#.+ \/ PENDING#/,
  'who is on a switch': /^endpoints #NAS#.+ \/ /,
  'who has changes': /^endpoints #CHANGES \/ /,
  'an infected host': /^endpoints #HOSTS \/ /,
  'when connectors have to be told': /^endpoints #HOSTSDUE \/ /,
  'which hosts are kept out': /^endpoints #HOSTSOUT \/ /,
  'which hosts mean a device': /^endpoints #HOSTSOF \/ /,
  'who is held': /^endpoints #HELD \/ /,
  'the feed for firewalls': /^endpoints #FEED-OUT \/ infected-hosts(#[01]#\d+)?$/,
  'what has to be looked at': /^endpoints #DUE \/ /,
  'how a feed is': /^endpoints #FEEDS \/ /,
  'how far the waking of connectors has come': /^endpoints #ROUNDS \/ connectors$/,
  'how far the hosts of a connector are compared': /^endpoints #DRIFT \/ /,
  'how a connector is': /^endpoints #CONNECTORS \/ /,
  'a draft of a connector that is tried': /^endpoints #CONNECTOR-TESTS \/ /,
  'an approval': /^endpoints #APPROVALS \/ /,
  'the trace of an event': /^endpoints #TRACES#[\da-f]{32} \/ /,
  'the automatic actions of late': /^endpoints #GUARDS \/ ACTIONS$/,
  'the answer to a threat action': /^endpoints #EVENT#.+ \/ /s,
  'the newest clear': /^endpoints #CLEAR#.+ \/ /s,
  'the tenant': /^tenants {2}\/ TENANT$/,
  'its place in the list of tenants': /^tenants {2}\/ TENANT#/,
  'a login': /^tenants CREDENTIAL#[\da-f]{64} \/ CREDENTIAL$/,
  'a credential': /^tenants {2}\/ CREDENTIAL#/,
  'which configuration holds': /^tenants {2}\/ CURRENT$/,
  'a version of the configuration': /^tenants {2}\/ VERSION#/,
  'a chunk of a configuration': /^tenants {2}\/ CONFIGURATION#/,
  'a secret': /^tenants {2}\/ SECRET#/,
  'a token of a server': /^tenants {2}\/ TOKEN#/,
  'what is heard of a server': /^tenants {2}\/ SERVER#/,
  'how far the batches are': /^tenants {2}\/ JIMS#BATCH$/,
  'a receipt': /^journal #RECEIPT#[a-z-]+#[\d-]+ \/ /,
  'remarks of a receipt': /^journal #REMARKS#.+ \/ /,
  'a sender': /^journal {2}\/ SENDER#/,
  'a story of an address': /^journal #STORY#.+ \/ /,
  'a story of a user': /^journal #STORY-USER#.+ \/ /s,
  'a line of the event log': /^journal #EVENTS#[\d-]+ \/ /,
  'a line of an endpoint': /^journal #EVENTS-OF#.+ \/ /,
  'a line of the access log': /^journal #ACCESS#[\d-]+ \/ /,
  'a line of the debug log': /^journal #DEBUG#[\d-]+ \/ /,
  'whether debugging is on': /^journal #DEBUG \/ SWITCH$/,
  'what a key was answered': /^journal #IDEMPOTENCY#.+ \/ /,
} as const;

/**
 * What `t1` holds none of, as it would change by itself while we look: batches and polls come by the minute, hosts whose
 * connectors have to be told are told, those of a connector that answers are compared, and a batch of logs is sent; how far a schedule
 * has come is the provider's own. The contracts of their stores hold tenants apart, and so do the stories of JIMS and of the loop.
 */
export const passingKinds: readonly string[] = [
  'how far a batch of threat logs had come',
  'when connectors have to be told',
  'which hosts mean a device',
  'how a feed is',
  'how far the waking of connectors has come',
  'how far the hosts of a connector are compared',
  'how far the batches are',
] satisfies readonly (keyof typeof kinds)[];

export function kindOf({ table, partition, sort }: StoredItem): string {
  const rest = partition.replace(/^T#[^#]+/, '');
  const name = `${table} ${rest} / ${sort}`;
  return Object.entries(kinds).find(([, pattern]) => pattern.test(name))?.[0] ?? `unknown: ${name}`;
}
