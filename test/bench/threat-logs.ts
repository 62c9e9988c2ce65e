/** Finding the threats among what firewalls send: the tag first, beside reading every line, with our own reader and with two others'. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { expectedHash, lineCount } from './firewall-logs.ts';
import { inFreshProcess, interleaved, median } from './fresh-process.ts';
import type { Reader, Told } from './measured-threat-logs.ts';
import type { Line } from './report.ts';

/** Two readers of syslog from npm that know RFC 5424, both MIT, and their versions when this was written. */
const parsers = { glossy: '0.1.7', 'nsyslog-parser': '0.10.1' } as const;
const plain = { 'full parse': 6, glossy: 20, 'nsyslog-parser': 30 } as const;
const readers: readonly Reader[] = ['filter first', 'full parse', 'glossy', 'nsyslog-parser'];

export async function threatLogs(rounds: number): Promise<Line[]> {
  for (const [name, version] of Object.entries(parsers))
    assert.equal(versionOf(name), version, `${name} is another one`);
  const told = await interleaved(rounds, readers, async (reader) =>
    inFreshProcess<Told>('measured-threat-logs.ts', [reader]),
  );
  const [first] = told['filter first'];
  assert.ok(first);
  for (const { input, threats, which } of Object.values(told).flat()) {
    assert.equal(input, expectedHash, 'The lines are not those that they were.');
    assert.deepEqual({ threats, which }, { threats: first.threats, which: first.which }, 'The readers do not find the same threats.'); // prettier-ignore
  }
  console.log(`\n${lineCount} lines, of which ${first.threats} are of threats; SHA-256 ${expectedHash}`);
  const cpu = (reader: Reader) => median(told[reader].map(({ cpuMs }) => cpuMs));
  return Object.entries(plain).map(([name, timesLess]) => ({
    what: name in parsers ? `${name} ${parsers[name as keyof typeof parsers]}` : 'our own reader on every line',
    ours: cpu('filter first'),
    plain: cpu(name as Reader),
    unit: 'ms',
    aim: { timesLess },
  }));
}

const versionOf = (name: string) =>
  (createRequire(import.meta.url)(`${name}/package.json`) as { readonly version: string }).version;
