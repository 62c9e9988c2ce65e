import { type Configuration, defaults, type SilenceAction } from '../../shared/configuration/configuration.ts';
import { advance } from '../../shared/identity/advance.ts';
import type { Listed } from '../../shared/identity/authentication-table.ts';
import type { Origin } from '../../shared/identity/observation.ts';
import { isThere } from '../../shared/identity/reading.ts';
import { search } from '../../shared/identity/search.ts';
import { heardReading, plainReading, readingOf } from '../../shared/identity/silence.ts';
import { slotOf } from '../../shared/identity/slots.ts';
import { heard, type SourceHeard } from '../../shared/identity/source-heard.ts';
import { acme, aLogon, aMark, desk, hours, minutes, noon, told } from '../support/observations.ts';

/** Minutes after noon at which ClearPass was heard. */
const clearpass = (...moments: readonly number[]) => {
  const record = moments.reduce<SourceHeard | undefined>((before, at) => heard(before, noon + minutes(at)), undefined);
  return new Map(record ? [['aruba-clearpass' as const, record]] : []);
};
/** Every four minutes from one to another. */
const often = (from: number, to: number) =>
  Array.from({ length: Math.ceil((to - from) / 4) }, (_, index) => from + 4 * index);
const when = (
  action: SilenceAction,
  afterMinutes: number | null = 5,
  more: Partial<Configuration> = {},
): Configuration => ({
  ...defaults,
  ...more,
  whenSilent: { ...defaults.whenSilent, 'aruba-clearpass': { action, afterMinutes } },
});
const userQuery: Pick<Configuration, 'clearpass'> = {
  clearpass: { ...defaults.clearpass, userQuery: { ...defaults.clearpass.userQuery, enabled: true } },
};

interface Told {
  readonly timeout?: number;
  readonly origin?: Origin;
}

/** An entry that was told so many minutes after noon, for a timeout of thirty unless told. */
function entry(toldAt = 0, { timeout = 30, origin = 'aruba-clearpass' }: Told = {}): Listed {
  const { item } = advance(undefined, told(aLogon({ origin, user: origin }), timeout), noon + minutes(toldAt));
  if (item === undefined) throw new Error('A logon leaves an item.');
  return { ip: desk, slot: slotOf[origin], item };
}
const at = (minute: number, configuration: Configuration, records: ReturnType<typeof clearpass>) =>
  heardReading(configuration, records)(noon + minutes(minute));
const isLiveAt = (minute: number, one: Listed, configuration: Configuration, records: ReturnType<typeof clearpass>) =>
  isThere(one.item, at(minute, configuration, records));

describe('a source is silent', () => {
  test.each([
    ['not yet a millisecond before it has been so for that long', 5 - 1 / 60_000, 0],
    ['from that very millisecond on', 5, 1],
  ])('%s', (_, minute, silences) => {
    expect(at(minute, when('keep'), clearpass(0)).silences.length).toBe(silences);
  });

  test('after three times its usual gap where nobody says after how long', () => {
    const everyTwo = clearpass(0, 2, 4);

    expect(at(9.9, when('keep', null), everyTwo).silences).toEqual([]);
    expect(at(10, when('keep', null), everyTwo).silences).toEqual([
      { source: 'aruba-clearpass', action: 'keep', since: noon + minutes(10) },
    ]);
  });

  test('never, where nobody says after how long and it was heard but once, or never', () => {
    expect(at(9_999, when('keep', null), clearpass(0)).silences).toEqual([]);
    expect(at(9_999, when('keep'), clearpass()).silences).toEqual([]);
  });
});

describe('expire', () => {
  test('is the default, changes nothing, and reads nothing', async () => {
    const unread = { read: async () => Promise.reject(new Error('Nobody reads this.')) };
    const reading = (await readingOf(unread, acme, defaults))(noon + minutes(29));

    expect(isThere(entry().item, reading)).toBe(true);
    expect(isThere(entry().item, { clockOf: () => noon + minutes(30) })).toBe(false);
    expect(isLiveAt(30, entry(), when('expire'), clearpass(0))).toBe(false);
    expect(at(30, when('expire'), clearpass(0)).silences).toEqual([]);
  });
});

describe('keep', () => {
  const setting = when('keep');

  test('what was live when it fell silent stays while the silence lasts, for as long as the table remembers it', () => {
    expect(isLiveAt(30, entry(), setting, clearpass(0))).toBe(true);
    expect(isLiveAt(30 + 24 * 60 - 1, entry(), setting, clearpass(0))).toBe(true);
    expect(isLiveAt(30 + 24 * 60, entry(), setting, clearpass(0))).toBe(false);
  });

  test('what was over by then stays over', () => {
    expect(isLiveAt(31, entry(0, { timeout: 10 }), setting, clearpass(0, 10))).toBe(false);
  });

  test('when it is heard again the ordinary timers hold at once', () => {
    expect(isLiveAt(40, entry(), setting, clearpass(0, 40))).toBe(false);
    expect(isLiveAt(20, entry(), setting, clearpass(0, 20))).toBe(true);
    expect(isLiveAt(30, entry(), setting, clearpass(0, 26))).toBe(false);
  });

  test('keeps nothing of other sources, and no mark', () => {
    expect(isLiveAt(30, entry(0, { origin: 'identity-management' }), setting, clearpass(0))).toBe(false);
    expect(isThere(aMark('pending'), at(15, setting, clearpass(0)))).toBe(false);
  });

  test('is told of what it touches', () => {
    const reading = at(31, setting, clearpass(0));

    expect(reading.silenceAt([entry()])).toEqual({
      source: 'aruba-clearpass',
      action: 'keep',
      since: noon + minutes(5),
    });
    expect(reading.silenceOf(entry(0, { origin: 'local' }).item)).toBe(undefined);
    expect(reading.endOf(entry().item)).toBe(entry().item.deleteAt * 1_000);
    expect(at(3, setting, clearpass(0)).silenceAt([entry()])).toBe(undefined);
  });
});

describe('freeze', () => {
  const setting = when('freeze');

  test('timers stand still during the silence, and go on with what they had left', () => {
    const silentFrom5To65 = clearpass(0, ...often(65, 95));

    expect(isLiveAt(1_000, entry(), setting, clearpass(0))).toBe(true);
    expect(isLiveAt(65 + 25 - 1 / 60_000, entry(), setting, silentFrom5To65)).toBe(true);
    expect(isLiveAt(65 + 25, entry(), setting, silentFrom5To65)).toBe(false);
    expect(at(70, setting, silentFrom5To65).endOf(entry().item)).toBe(noon + minutes(90));
  });

  test('past silences count each, from when the entry was told', () => {
    const twice = clearpass(0, 20, 24, ...often(40, 80)); // silent from 5 to 20, and from 29 to 40

    expect(isLiveAt(30 + 15 + 11 - 1 / 60_000, entry(), setting, twice)).toBe(true);
    expect(isLiveAt(30 + 15 + 11, entry(), setting, twice)).toBe(false);
    expect(isLiveAt(40 + 10 + 11 - 1 / 60_000, entry(10), setting, twice)).toBe(true); // it has seen ten of the fifteen
    expect(isLiveAt(40 + 10 + 11, entry(10), setting, twice)).toBe(false);
  });

  test('no longer than the table remembers the entry', () => {
    expect(isLiveAt(30 + 24 * 60 - 1, entry(), setting, clearpass(0))).toBe(true);
    expect(isLiveAt(30 + 24 * 60, entry(), setting, clearpass(0))).toBe(false);
  });

  test('is told of what it touched, also once it is over', () => {
    const over = at(69, setting, clearpass(0, 65));

    expect(over.silenceAt([entry()])).toMatchObject({
      action: 'freeze',
      since: noon + minutes(5),
      until: noon + minutes(65),
    });
    expect(over.silences).toEqual([]);
    expect(over.silenceAt([entry(66)])).toBe(undefined);
  });
});

describe('fall back', () => {
  const setting = when('fall-back');
  const [theirs, web] = [entry(), entry(0, { origin: 'secure-web-gateway' })];
  const found = (minute: number, configuration: Configuration, slots = [theirs, web]) => {
    const reading = at(minute, configuration, clearpass(0));
    return { user: search(slots, reading)[0]?.item.entry?.user, silence: reading.silenceAt(slots)?.action };
  };

  test('the next source in the order stands while it is silent, and the answer says why', () => {
    expect(found(4, setting)).toEqual({ user: 'aruba-clearpass', silence: undefined });
    expect(found(5, setting)).toEqual({ user: 'secure-web-gateway', silence: 'fall-back' });
    expect(found(5, setting, [theirs])).toEqual({ user: undefined, silence: 'fall-back' });
  });

  test('what nothing was passed over for is not touched', () => {
    expect(found(5, setting, [web])).toEqual({ user: 'secure-web-gateway', silence: undefined });
    expect(found(5, setting, [entry(0, { origin: 'local' }), theirs])).toEqual({ user: 'local', silence: undefined });
  });

  test('also with user query on: then the others are consulted as long as it is silent', () => {
    const queried = when('fall-back', 5, userQuery);

    expect(found(4, queried)).toEqual({ user: 'aruba-clearpass', silence: undefined });
    expect(found(5, queried)).toEqual({ user: 'secure-web-gateway', silence: 'fall-back' });
    expect(found(4, queried, [web])).toEqual({ user: undefined, silence: undefined });
    expect(found(5, queried, [web])).toEqual({ user: 'secure-web-gateway', silence: 'fall-back' });
  });

  test('its entries are still there to be listed, and expire as ever', () => {
    expect(isLiveAt(29, theirs, setting, clearpass(0))).toBe(true);
    expect(isLiveAt(30, theirs, setting, clearpass(0))).toBe(false);
    expect(at(10, setting, clearpass(0)).endOf(theirs.item)).toBe(noon + minutes(30));
  });
});

test('each source has a setting of its own', () => {
  const records = new Map([['active-directory' as const, heard(undefined, noon)], ...clearpass(0)]);
  const configuration = {
    ...defaults,
    whenSilent: { ...defaults.whenSilent, 'active-directory': { action: 'keep', afterMinutes: 10 } as const },
  };
  const reading = heardReading(configuration, records)(noon + hours(1));

  expect(isThere(entry(0, { origin: 'active-directory' }).item, reading)).toBe(true);
  expect(isThere(entry().item, reading)).toBe(false);
});

test('before anything is silent all is read as without it', () => {
  const reading = at(1, when('fall-back'), clearpass(0));
  const plain = plainReading(defaults)(noon + minutes(1));

  expect([...reading.order]).toEqual([...plain.order]);
  expect(reading.clockOf(entry().item)).toBe(plain.now);
});
