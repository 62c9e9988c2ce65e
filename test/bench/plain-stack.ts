/**
 * What we compare ourselves with: the post as it is usually written on this platform, and written well. The XML is
 * checked and read by fast-xml-parser, and each entry is one UpdateItem whose condition holds the newest instant, 32 at
 * once. It keeps one instant an address, so of the rules of order it can only do the simplest; the measured bodies need
 * no more, and both stacks must leave the same table behind.
 */
import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { XMLParser } from 'fast-xml-parser';
import { SyntaxValidator } from 'fast-xml-validator';
import { isIP } from 'node:net';

export interface PlainPost {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly tenant: string;
}

/** An element that holds others, as the parser gives it: an empty one is `''`. */
type Parent<Children> = '' | Partial<Children>;

interface PostedEntry {
  readonly source?: string;
  readonly timestamp?: string;
  readonly operation?: string;
  readonly IP?: string;
  readonly domain?: string;
  readonly user?: string;
  readonly 'role-list'?: Parent<{ readonly role: readonly string[] }>;
  readonly posture?: string;
  readonly 'end-user-attribute'?: Parent<DeviceAttributes>;
}

type DeviceAttributes = Readonly<Record<string, string>> & {
  readonly 'device-identity'?: Parent<{ value: string; groups: Parent<{ group: readonly string[] }> }>;
};

type Outcome = 'stored' | 'stale';

const atOnce = 32;
const timeoutMs = 30 * 60_000;

const lists = new Set([
  'userfw-entries.userfw-entry',
  'userfw-entries.userfw-entry.role-list.role',
  'userfw-entries.userfw-entry.end-user-attribute.device-identity.groups.group',
]);
const parser = new XMLParser({ parseTagValue: false, isArray: (_name, path) => lists.has(String(path)) });

/** The entries of a post. The validator runs first, as the parser alone takes anything that looks like XML. */
export function plainRead(body: Buffer): readonly PostedEntry[] {
  const text = body.toString('utf8');
  SyntaxValidator.validate(text); // throws what is wrong, and where
  const document = parser.parse(text) as { 'userfw-entries'?: Parent<{ 'userfw-entry': readonly PostedEntry[] }> };
  const entries = childrenOf(document['userfw-entries'])['userfw-entry'];
  if (entries === undefined) throw new Error('The post holds no entry.');
  return entries;
}

/** Stores what a post tells; how many entries were stored, and how many were no news. */
export async function plainPost({ client, table, tenant }: PlainPost, body: Buffer, now: number) {
  const counts: Record<Outcome, number> = { stored: 0, stale: 0 };
  const entries = plainRead(body).values();
  const worker = async () => {
    for (const entry of entries) counts[await store({ client, table, tenant }, entry, now)] += 1;
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return counts;
}

async function store({ client, table, tenant }: PlainPost, posted: PostedEntry, now: number): Promise<Outcome> {
  const ip = addressOf(posted);
  const values = posted.operation === 'logon' ? logonValues(posted, now) : logoffValues(posted, now);
  const names = Object.keys(values);
  try {
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { pk: { S: `${tenant}#${ip}` }, sk: { S: 'entry' } },
        UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
        ConditionExpression: 'attribute_not_exists(#instant) OR #instant < :instant',
        ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: marshall(Object.fromEntries(names.map((name) => [`:${name}`, values[name]]))),
      }),
    );
    return 'stored';
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 'stale';
    throw error;
  }
}

function addressOf({ IP: ip = '' }: PostedEntry): string {
  if (isIP(ip) === 0) throw new Error(`${ip} is not an address.`);
  return ip;
}

function logonValues(posted: PostedEntry, now: number): Record<string, unknown> {
  const { role = [] } = childrenOf(posted['role-list']);
  const posture = posted.posture?.toUpperCase();
  return {
    state: 'valid',
    domain: posted.domain ? folded(posted.domain) : 'GLOBAL',
    user: folded(posted.user ?? ''),
    groups: [...(posture ? [`posture-${posture.toLowerCase()}`] : []), ...role.map(folded)],
    posture,
    source: posted.source,
    device: deviceOf(childrenOf(posted['end-user-attribute'])),
    instant: microseconds(posted.timestamp) ?? now * 1_000,
    storedAt: now,
    expiresAt: now + timeoutMs,
  };
}

const logoffValues = ({ timestamp }: PostedEntry, now: number): Record<string, unknown> => ({
  state: 'ended',
  instant: microseconds(timestamp) ?? now * 1_000,
  expiresAt: now,
});

const deviceNames: Readonly<Record<string, string>> = {
  'device-category': 'category',
  'device-vendor': 'vendor',
  'device-model': 'model',
  'device-os': 'os',
  'device-os-version': 'osVersion',
};

function deviceOf({ 'device-identity': identity, ...rest }: Partial<DeviceAttributes>) {
  const { value, groups } = childrenOf(identity);
  const { group } = childrenOf(groups);
  const told = Object.entries(rest).map(([name, text = '']) => [name, folded(text)] as const);
  const known = told.flatMap(([name, text]) => (deviceNames[name] ? [[deviceNames[name], text] as const] : []));
  return {
    ...(value && { identity: folded(value) }),
    ...(group && { groups: group.map(folded) }),
    ...Object.fromEntries(known),
    custom: Object.fromEntries(told.filter(([name]) => !deviceNames[name])),
  };
}

const childrenOf = <Children>(parent: Parent<Children> | undefined): Partial<Children> =>
  parent === undefined || parent === '' ? {} : parent;

const folded = (text: string) => text.normalize('NFC').toLowerCase();

/** `Date` knows milliseconds only. */
function microseconds(timestamp: string | undefined): number | undefined {
  if (!timestamp) return undefined;
  const rest = /\.\d{3}(\d{1,3})/.exec(timestamp)?.[1] ?? '';
  return Date.parse(timestamp) * 1_000 + Number(rest.padEnd(3, '0'));
}
