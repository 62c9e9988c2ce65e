import { configurationSchema } from '../../shared/configuration/configuration-schema.ts';
import { type Configuration, defaults, prioritySources } from '../../shared/configuration/configuration.ts';
import type { Listed } from '../../shared/identity/authentication-table.ts';
import { type Origin, origins } from '../../shared/identity/observation.ts';
import { search, searchOrder } from '../../shared/identity/search.ts';
import { plainReading } from '../../shared/identity/silence.ts';
import { slotOf, slotsIn } from '../../shared/identity/slots.ts';
import { readDocument } from '../../shared/json-schema.ts';
import { at } from '../support/configurations.ts';
import { aLogon, aMark, desk, itemAfter, minutes, noon, told } from '../support/observations.ts';

const readConfiguration = (document: unknown) => readDocument(configurationSchema, document, 'configuration-invalid');
type Priorities = Configuration['priorities'];
const withPriorities = (priorities: Partial<Priorities>, told: Partial<Configuration> = {}): Configuration => ({
  ...defaults,
  ...told,
  priorities: { ...defaults.priorities, ...priorities },
});
const queried: Pick<Configuration, 'clearpass'> = {
  clearpass: { ...defaults.clearpass, userQuery: { ...defaults.clearpass.userQuery, enabled: true } },
};

const entryOf = (origin: Origin): Listed => ({
  ip: desk,
  slot: slotOf[origin],
  item: itemAfter(told(aLogon({ origin, user: `user-of-${origin}` }))),
});
const originsIn = (found: readonly Listed[]) => found.map(({ item }) => item.entry?.origin);
const searched = (slots: readonly Listed[], configuration: Configuration = defaults, now = noon) =>
  originsIn(search(slots, plainReading(configuration)(now)));

describe('priorities of sources', () => {
  test.each([
    ['local', 100],
    ['aruba-clearpass', 110],
    ['secure-web-gateway', 120],
    ['active-directory', 125],
    ['firewall-authentication', 150],
    ['unified-access-control', 200],
  ] as const)('%s is looked at by default with %i', (source, priority) => {
    expect(defaults.priorities[source]).toBe(priority);
  });

  test('the lowest comes first, and JIMS where ClearPass is', () => {
    expect([...searchOrder(defaults).keys()]).toEqual([
      'local',
      'aruba-clearpass',
      'identity-management',
      'secure-web-gateway',
      'active-directory',
      'firewall-authentication',
      'unified-access-control',
    ]);
  });

  test('raising local to 120 puts ClearPass first', () => {
    const slots = [entryOf('local'), entryOf('aruba-clearpass')];

    expect(searched(slots)).toEqual(['local', 'aruba-clearpass']);
    expect(searched(slots, withPriorities({ local: 120 }))).toEqual(['aruba-clearpass', 'local']);
  });

  test.each(prioritySources)('0 leaves %s out', (source) => {
    const all = [...new Set(origins.map((origin) => slotOf[origin]))];

    expect(searched([entryOf(source)], withPriorities({ [source]: 0 }))).toEqual([]);
    expect(slotsIn(searchOrder(defaults)).toSorted()).toEqual(all.toSorted());
  });

  test('0 for ClearPass leaves JIMS and the marks of a question out too', () => {
    const none = withPriorities({ 'aruba-clearpass': 0 });

    expect(searched([entryOf('identity-management')], none)).toEqual([]);
    expect(search([{ ip: desk, slot: 'userid', item: aMark('pending') }], plainReading(none)(noon))).toEqual([]);
  });

  test.each([1, 120, 65_535])('where all have %i the default order decides', (priority) => {
    const equal = withPriorities(Object.fromEntries(prioritySources.map((source) => [source, priority])));

    expect([...searchOrder(equal).keys()]).toEqual([...searchOrder(defaults).keys()]);
  });

  test.each([0, 1, 65_535])('%i is in the range', (priority) => {
    expect(readConfiguration(at('/priorities/local', priority))).toMatchObject({ priorities: { local: priority } });
  });

  test.each([-1, 65_536, 1.5, '100', null])('%j is not in the range', (priority) => {
    expect(() => readConfiguration(at('/priorities/local', priority))).toThrow(/\/priorities\/local/);
  });
});

describe('the search', () => {
  test('stands by the first valid entry, whatever lies before it', () => {
    const expired = entryOf('local');
    const later = noon + minutes(20);
    const clearpass = { ...entryOf('aruba-clearpass'), item: itemAfter(told(aLogon(), 60)) };

    expect(searched([clearpass, expired], defaults, later)).toEqual(['local', 'aruba-clearpass']);
    expect(searched([clearpass, expired], defaults, noon + minutes(30))).toEqual(['aruba-clearpass']);
  });

  test.each(['init', 'pending', 'invalid'] as const)('looks at what is %s after all that is valid', (state) => {
    const mark: Listed = { ip: desk, slot: 'userid', item: aMark(state) };
    const reading = plainReading(defaults)(noon);

    expect(search([mark, entryOf('unified-access-control')], reading).map(({ slot }) => slot)).toEqual([
      'uac',
      'userid',
    ]);
    expect(search([mark], reading)).toEqual([mark]);
  });

  test.each(origins)('with user query on, consults %s only if ClearPass or JIMS told', (origin) => {
    const believed = origin === 'aruba-clearpass' || origin === 'identity-management';

    expect(searched([entryOf(origin)], { ...defaults, ...queried })).toEqual(believed ? [origin] : []);
  });

  test('with user query on, reads the common entry alone', () => {
    expect(slotsIn(searchOrder({ ...defaults, ...queried }))).toEqual(['userid']);
  });
});
