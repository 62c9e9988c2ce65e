/**
 * Looking an address up, from API Gateway's event to the answer, beside the CPU of the request alone that reads its
 * entries. A look-up makes one more, for the version of the configuration that holds.
 */
import assert from 'node:assert/strict';
import { defaults, noVersion } from '../../shared/configuration/configuration.ts';
import { dynamoConfigurationStore } from '../../shared/configuration/configuration-store.ts';
import { advanceEntry } from '../../shared/identity/authentication-table.ts';
import { dynamoAuthenticationTable } from '../../shared/identity/entry-store.ts';
import { type Engine, startEmbedded, tables } from '../support/engine.ts';
import { acme, aLogon, desk, told } from '../support/observations.ts';
import { ofFunction } from './bundles.ts';
import { inFreshProcess, interleaved, median } from './fresh-process.ts';
import type { Measured } from './measured-look-up.ts';
import type { Line } from './report.ts';
import type { Cost } from './stopwatch.ts';

const parts: readonly Measured[] = ['look-up', 'both requests', 'its request'];

/** As many as a large site has; which groups they name is looked at for each answer. */
const policies = 10_000;

export async function lookUps(rounds: number): Promise<Line[]> {
  const engine = await startEmbedded();
  try {
    await store(engine);
    const { environment } = engine;
    const costs = await interleaved(rounds, parts, async (part) =>
      inFreshProcess<Cost>('measured-look-up.ts', [part, ofFunction('find-entries')], environment),
    );
    const cpu = (part: Measured) => median(costs[part].map(({ cpuMs }) => cpuMs));
    const against = (part: Measured) => ({ ours: cpu('look-up'), plain: cpu(part), unit: 'ms' as const });
    return [
      { what: '1,000 look-ups: CPU', ...against('its request'), aim: { partAtMost: 2.5 } },
      { what: 'beside both of its requests', ...against('both requests'), aim: { partAtMost: 1.25 } },
    ];
  } finally {
    await engine.stop();
  }
}

async function store({ client }: Engine) {
  const table = dynamoAuthenticationTable(client, tables.entries);
  const logon = aLogon({ groups: ['posture-healthy', 'group-1', 'group-2'] });
  const { outcome } = await advanceEntry(table, acme, { ip: desk, slot: 'userid' }, told(logon, 0));
  assert.equal(outcome, 'stored');
  await dynamoConfigurationStore(client, tables.tenants).replace(acme, {
    read: noVersion,
    configuration: {
      ...defaults,
      policies: Array.from({ length: policies }, (_, index) => ({
        name: `policy-${index}`,
        fromZone: 'trust',
        toZone: 'untrust',
        source: ['any'],
        destination: ['198.51.100.0/24'],
        applications: ['https'],
        sourceIdentity: [`acme\\group-${index % 400}`],
        action: 'permit',
        log: false,
      })),
    },
    changedAt: Date.now(),
    author: { id: 'credential-1', name: 'first' },
  });
}
