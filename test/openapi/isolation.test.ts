/** The published report of isolation fits the routes: whoever adds one says how it is attacked, and has it walked. */
import { recipes } from '../end-to-end/isolation/recipes.ts';
import { publishedPage } from '../end-to-end/isolation/report.ts';
import { operations } from '../support/api-document.ts';

const rows = publishedPage()
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

test('every route says how it is attacked, and nothing else does', () => {
  expect(Object.keys(recipes).sort()).toEqual(operations.map(({ route }) => route as string).sort());
});

test('every route stands in the published report with its roles, was tried, and lets nobody in', () => {
  const published = rows.map(([, route, roles, tried, , , , nobody]) => ({
    route,
    roles,
    isTried: tried !== '',
    nobody,
  }));
  const expected = operations.map(({ route, operation }) => ({
    route: `\`${route}\``,
    roles: operation['x-roles'].length > 7 ? 'every role' : operation['x-roles'].join(', '),
    isTried: true,
    nobody: '401',
  }));

  expect(published).toEqual(expected);
});
