import fc from 'fast-check';
import { differences } from '../../shared/configuration/difference.ts';

const policy = (name: string, told: object = {}) => ({ name, action: 'permit', source: ['any'], ...told });
const policies = (...names: string[]) => ({ policies: names.map((name) => policy(name)) });

test('of two equal documents nothing is told', () => {
  expect(differences(policies('a', 'b'), policies('a', 'b'))).toEqual([]);
});

test('a value that changed is told as it was and as it is', () => {
  expect(differences({ a: { b: 1, c: null } }, { a: { b: 2, c: 'x' } })).toEqual([
    { change: 'changed', pointer: '/a/b', before: 1, after: 2 },
    { change: 'changed', pointer: '/a/c', before: null, after: 'x' },
  ]);
});

test('what is there on one side only was added or removed', () => {
  expect(differences({ a: 1 }, { 'b/c': 2 })).toEqual([
    { change: 'removed', pointer: '/a', before: 1 },
    { change: 'added', pointer: '/b~1c', after: 2 },
  ]);
});

test('one policy put in front of a hundred is one line', () => {
  const names = Array.from({ length: 100 }, (_, index) => `policy-${index}`);

  expect(differences(policies(...names), policies('new', ...names))).toEqual([
    { change: 'added', pointer: '/policies/0', name: 'new', after: policy('new') },
  ]);
});

test('one policy taken out is one line, and points to where it was', () => {
  expect(differences(policies('a', 'b', 'c'), policies('a', 'c'))).toEqual([
    { change: 'removed', pointer: '/policies/1', name: 'b', before: policy('b') },
  ]);
});

test('a change within a policy is told with its name, wherever it stands now', () => {
  const after = { policies: [policy('new'), policy('b', { action: 'deny', source: ['10.0.0.0/8', 'any'] })] };

  expect(differences(policies('b'), after)).toEqual([
    { change: 'added', pointer: '/policies/0', name: 'new', after: policy('new') },
    { change: 'changed', pointer: '/policies/1/action', name: 'b', before: 'permit', after: 'deny' },
    { change: 'added', pointer: '/policies/1/source/0', name: 'b', after: '10.0.0.0/8' },
  ]);
});

test('a policy that was moved is told with both places, and those that it passed are not', () => {
  expect(differences(policies('a', 'b', 'c', 'd'), policies('d', 'a', 'b', 'c'))).toEqual([
    { change: 'moved', pointer: '/policies/0', name: 'd', before: 3, after: 0 },
  ]);
});

test('equal values of a list are counted', () => {
  expect(differences(['x', 'x'], ['x', 'x', 'x'])).toEqual([{ change: 'added', pointer: '/2', after: 'x' }]);
});

/** What is told is enough to make the newer list of the older one. */
test('a list can be made of the one before by what is told', () => {
  const list = fc.uniqueArray(fc.constantFrom<string[]>('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'));
  fc.assert(
    fc.property(list, list, (before, after) => {
      const told = differences(before, after);
      const gone = new Set(told.flatMap((each) => (each.change === 'removed' ? [each.before] : [])));
      const moves = told.filter(({ change }) => change === 'moved');
      const stay = before.filter((item, place) => !gone.has(item) && !moves.some((move) => move.before === place));
      const placed = told.filter(({ change }) => change === 'added' || change === 'moved');
      const made: string[] = [...stay];
      for (const { change, pointer, after: value, before: place } of placed) {
        made.splice(Number(pointer.slice(1)), 0, change === 'added' ? String(value) : (before[Number(place)] ?? ''));
      }

      expect(made).toEqual(after);
    }),
  );
});
