/**
 * A table of 100,000 entries: listing it, telling it whole to an enforcement point, and telling what changed in it, beside
 * the scan that one would write first. Where only changes are wanted, the scan is all that the plain stack could do.
 */
import assert from 'node:assert/strict';
import { defaults, noVersion } from '../../shared/configuration/configuration.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { forwardingSettings } from '../../shared/decisions/forwarding-settings.ts';
import { cursorOf } from '../../shared/edge/query.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { advance } from '../../shared/identity/advance.ts';
import { changeOne, type EntryKey, type Revision } from '../../shared/identity/authentication-table.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import { plainReading } from '../../shared/identity/silence.ts';
import { pullForwardingTable } from '../../shared/identity/pull-forwarding-table.ts';
import { type Engine, environmentOf, startEmbedded, tables } from '../support/engine.ts';
import { acme, aLogon, told } from '../support/observations.ts';
import { ofFunction } from './bundles.ts';
import { countingProxy, type Traffic } from './counting-proxy.ts';
import { inFreshProcess, interleaved, median } from './fresh-process.ts';
import type { Listed, Listing } from './measured-listing.ts';
import type { Line } from './report.ts';
import type { Cost } from './stopwatch.ts';

const entryCount = 100_000;
const changeCount = 100;
const measured: readonly Listing[] = ['listing', 'whole table', 'changes', 'plain'];
const expected: Readonly<Record<Listing, number>> = { listing: entryCount, 'whole table': entryCount, changes: changeCount, plain: entryCount }; // prettier-ignore

export async function listings(rounds: number): Promise<Line[]> {
  const engine = await startEmbedded();
  try {
    await store(engine);
    const since = await changed(engine);
    const take = async (what: Listing, endpoint: string) => {
      const environment = environmentOf(endpoint);
      const handler = ofFunction(what === 'listing' ? 'find-entries' : 'pull-forwarding-table');
      const listed = await inFreshProcess<Listed>('measured-listing.ts', [what, handler, since], environment);
      assert.equal(listed.entries, expected[what], `${what} told ${listed.entries} entries`);
      return listed;
    };
    const traffic = await count(engine, take);
    const costs = await interleaved(rounds, measured, async (what) => take(what, engine.endpoint));
    const lines = (title: string, what: Listing): Line[] => {
      const cost = (of: Listing, kind: keyof Cost) => median(costs[of].map((each) => each[kind]));
      const both = (of: (listing: Listing) => number) => ({ ours: of(what), plain: of('plain') });
      return [
        { what: `${title}: CPU`, ...both((of) => cost(of, 'cpuMs')), unit: 'ms' },
        { what: 'wall', ...both((of) => cost(of, 'wallMs')), unit: 'ms' },
        { what: 'requests', ...both((of) => traffic[of].requests), unit: '' },
        { what: 'read units', ...both((of) => traffic[of].readUnits), unit: '' },
      ];
    };
    return [
      ...lines('listing all entries', 'listing'),
      ...lines('pulling the whole table', 'whole table'),
      ...lines(`pulling ${changeCount} changes`, 'changes').map((line, index) => (index === 0 || index === 3 ? { ...line, aim: { timesLess: 20 } } : line)), // prettier-ignore
    ];
  } finally {
    await engine.stop();
  }
}

async function count({ endpoint }: Engine, take: (what: Listing, endpoint: string) => Promise<unknown>) {
  const proxy = await countingProxy(endpoint, tables.entries);
  try {
    const counted: [Listing, Traffic][] = [];
    for (const what of measured) {
      await take(what, proxy.endpoint);
      counted.push([what, proxy.take()]);
    }
    return Object.fromEntries(counted) as Record<Listing, Traffic>;
  } finally {
    await proxy.stop();
  }
}

const keyOf = (index: number): EntryKey => ({
  ip: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}` as IpAddress,
  slot: 'userid',
});

/** Written as they are: how entries come into the table is measured elsewhere. */
async function store({ client }: Engine) {
  const { entries, newRevision } = dynamoAuthenticationTable(client, tables.entries);
  const starts = Array.from({ length: entryCount / 500 }, (_, index) => index * 500);
  const writer = async () => {
    for (let start = starts.shift(); start !== undefined; start = starts.shift()) {
      const first = start;
      const replacements = Array.from({ length: 500 }, (_, index) => {
        const key = keyOf(first + index);
        const logon = aLogon({ ip: key.ip, user: `user-${first + index}`, groups: ['posture-healthy', `group-${index % 400}`, 'staff'] }); // prettier-ignore
        const { item } = advance(undefined, told(logon, 0), Date.now());
        assert.ok(item);
        return { key, revision: newRevision() satisfies Revision, item };
      });
      const results = await entries.replace(acme, replacements);
      assert.ok(results.every((result) => result === 'replaced'));
    }
  };
  await Promise.all(Array.from({ length: 8 }, writer));
  await dynamoConfigurationStore(client, tables.tenants).replace(acme, {
    read: noVersion,
    configuration,
    changedAt: Date.now(),
    author: { id: 'bench', name: 'bench' },
  });
}

const configuration = {
  ...defaults,
  policies: [{ name: 'staff', fromZone: 'any', toZone: 'any', source: ['any'], destination: ['any'], applications: ['any'], sourceIdentity: ['acme\\staff'], action: 'permit', log: false }], // prettier-ignore
} as const;

/** The cursor of somebody who has the whole table, and then a hundred logons, each noted by itself. */
async function changed({ client }: Engine): Promise<string> {
  const table = dynamoAuthenticationTable(client, tables.entries);
  const settings = { ...forwardingSettings(configuration), readingAt: plainReading(configuration) };
  const deps = { ...table, settingsOf: async () => Promise.resolve(settings) };
  let pulled = await pullForwardingTable(deps, acme, { limit: 1_000, untilAt: Infinity });
  while (pulled.more === 'yes') {
    pulled = await pullForwardingTable(deps, acme, { since: pulled.cursor, limit: 1_000, untilAt: Infinity });
  }
  for (let index = 0; index < changeCount; index += 1) {
    const key = keyOf(index * 997);
    const events = [told(aLogon({ ip: key.ip, user: `newer-${index}`, instant: (Date.now() * 1_000) as ReturnType<typeof aLogon>['instant'] }), 0)]; // prettier-ignore
    assert.deepEqual(await changeOne(table, acme, { key, events }), ['stored']);
  }
  return cursorOf(pulled.cursor);
}
