import { noVersion, type Version } from '../../shared/configuration/configuration.ts';
import {
  type History,
  keptVersions,
  outdated,
  versionNamed,
  type VersionRecord,
  versionsOf,
} from '../../shared/configuration/versions.ts';
import type { SecretReference } from '../../shared/outbound/secrets.ts';
import { codeOf } from '../support/errors.ts';
import { minutes, noon } from '../support/observations.ts';

const named = (name: string | number) => `version-${name}` as Version;
const secret = (name: string) => name as SecretReference;

const record = (number: number, told: Partial<VersionRecord> = {}): VersionRecord => ({
  version: named(number),
  previous: number === 1 ? noVersion : named(number - 1),
  number,
  changedAt: noon,
  author: { id: 'credential-1', name: 'first' },
  chunks: 1,
  secrets: [],
  ...told,
});

/** So many versions that held, one after another. */
const chain = (count: number, told: (number: number) => Partial<VersionRecord> = () => ({})): History => ({
  current: count === 0 ? noVersion : named(count),
  records: Array.from({ length: count }, (_, index) => record(index + 1, told(index + 1))),
});
const numbersOf = (records: readonly VersionRecord[]) => records.map(({ number }) => number);

test('of nothing there are no versions', () => {
  expect(versionsOf(chain(0))).toEqual([]);
  expect(outdated(chain(0), noon)).toEqual({ versions: [], secrets: [] });
});

test('the versions that held are those that the one that holds comes from, in whatever order they are read', () => {
  const { current, records } = chain(4);
  const lost = [record(3, { version: named('lost') }), record(5, { version: named('under way') })];

  expect(numbersOf(versionsOf({ current, records: [...lost, ...records].toReversed() }))).toEqual([4, 3, 2, 1]);
});

test(`the newest ${keptVersions} are kept, and the others go`, () => {
  const history = chain(keptVersions + 2);

  expect(numbersOf(versionsOf(history))).toHaveLength(keptVersions);
  expect(numbersOf(outdated(history, noon).versions)).toEqual([1, 2]);
  expect(outdated(chain(keptVersions), noon)).toEqual({ versions: [], secrets: [] });
});

test('a secret goes with the last version that refers to it', () => {
  const history = chain(keptVersions + 2, (number) => ({
    secrets: number === 1 ? [secret('a'), secret('b')] : number < 10 ? [secret('b')] : [secret('c')],
  }));

  expect(outdated(history, noon).secrets).toEqual(['a']);
});

test('an attempt that lost goes with its secrets, once it cannot be writing any more', () => {
  const { current, records } = chain(3, () => ({ secrets: [secret('kept')] }));
  const lost = record(3, { version: named('lost'), secrets: [secret('kept'), secret('lost')] });
  const history = { current, records: [...records, lost] };

  expect(outdated(history, noon + minutes(1))).toEqual({ versions: [], secrets: [] });
  expect(outdated(history, noon + minutes(16))).toEqual({ versions: [lost], secrets: ['lost'] });
});

test('an attempt that may still win stays, however long it takes, and so do the secrets that it refers to', () => {
  const { current, records } = chain(keptVersions + 1, (number) => ({ secrets: number === 1 ? [secret('a')] : [] }));
  const underWay = record(keptVersions + 2, { version: named('under way'), secrets: [secret('a')] });

  const { versions, secrets } = outdated({ current, records: [...records, underWay] }, noon + minutes(60 * 24));

  expect(numbersOf(versions)).toEqual([1]);
  expect(secrets).toEqual([]);
});

test('what a removal left behind when it stopped goes by the next one', () => {
  const { current, records } = chain(keptVersions + 3);
  const history = { current, records: records.filter(({ number }) => number !== 3) };

  expect(numbersOf(outdated(history, noon + minutes(16)).versions)).toEqual([1, 2]);
});

test('a version is named by its number, or as its ETag tells it', () => {
  const versions = versionsOf(chain(3));

  expect(versionNamed(versions, '2').number).toBe(2);
  expect(versionNamed(versions, named(3)).number).toBe(3);
});

test.each(['0', '4', '02', '2.0', '', 'none', 'latest', 'version-9'])(
  'there is no version "%s", and it is told which there are',
  (name) => {
    const versions = versionsOf(chain(3));

    expect(codeOf(() => versionNamed(versions, name))).toBe('version-absent');
    expect(() => versionNamed(versions, name)).toThrow('Kept are 1 to 3');
    expect(() => versionNamed([], name)).toThrow('None is kept yet');
  },
);
