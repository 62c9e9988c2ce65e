/** What a log promises, whatever its lines are. Run by the contracts of both logs. */
import type { LogPage } from '../../shared/journal/event-line.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { laptop, printer } from '../support/log-lines.ts';
import { acme, desk, globex, hours, minutes, noon } from '../support/observations.ts';

interface Line {
  readonly id: string;
  readonly at: number;
  readonly message: string;
}

interface Log<Told, Filter> {
  readonly tell: (tenant: TenantId, lines: readonly Told[]) => Promise<void>;
  readonly find: (tenant: TenantId, filter: Filter, page: LogPage) => Promise<{ readonly lines: readonly Told[]; readonly next?: string }>; // prettier-ignore
}

interface Spanning {
  readonly from?: number;
  readonly to?: number;
}

/** All pages of a log, one after another. */
export async function allOf<Told, Filter>(log: Log<Told, Filter>, filter: Filter, limit = 2, tenant = acme) {
  const found: Told[] = [];
  let cursor: string | undefined;
  do {
    const page = await log.find(tenant, filter, { limit, ...(cursor !== undefined && { cursor }) });
    expect(page.lines.length).toBeLessThanOrEqual(limit);
    found.push(...page.lines);
    cursor = page.next;
  } while (cursor !== undefined);
  return found;
}

export function logContract<Told extends Line, Filter extends Spanning>(
  open: () => Promise<Log<Told, Filter & Spanning>>,
  aLine: (told: Partial<Line>) => Told,
  filters: Readonly<Record<string, readonly [filter: Filter, other: Partial<Told>]>>,
  days = 90,
) {
  let log: Log<Told, Filter & Spanning>;
  beforeEach(async () => {
    log = await open();
  });

  const aged = (minutesAgo: number) => aLine({ id: `${minutesAgo}`, at: noon - minutes(minutesAgo) });
  const all = {} as Filter;

  test('gives back a line as it was told', async () => {
    await log.tell(acme, [aLine({})]);

    expect(await log.find(acme, all, { limit: 10 })).toEqual({ lines: [aLine({})] });
  });

  test('tells the newest first over days and months, page by page, each line once', async () => {
    const ages = [0, 1, 59, 60 * 12, 60 * 13, 60 * 24, 60 * 24 * 3, 60 * 24 * 5, 60 * 24 * (days - 1)];
    const lines = ages.map(aged);
    await log.tell(acme, lines.toReversed());

    for (const limit of [1, 2, 4, 100]) expect(await allOf(log, all, limit)).toEqual(lines);
  });

  test('tells every one of many lines of one millisecond', async () => {
    const lines = Array.from({ length: 30 }, (_, index) => aLine({ id: `${index + 10}` }));
    await log.tell(acme, lines);

    expect(await allOf(log, all, 7)).toEqual(lines.toReversed());
  });

  test('tells those of a time, its first and last millisecond included', async () => {
    await log.tell(acme, [0, 1, 2, 3, 30 * 60, 30 * 60 + 1].map(aged));
    const between = async (from: number, to: number) =>
      (await allOf(log, { ...all, from: noon - minutes(from), to: noon - minutes(to) })).map(({ id }) => id);

    expect(await between(2, 1)).toEqual(['1', '2']);
    expect(await between(30 * 60, 1)).toEqual(['1', '2', '3', '1800']);
    expect(await between(30 * 60 - 1, 4)).toEqual([]);
    expect(await between(1, 2)).toEqual([]);
  });

  test('answers a time that no calendar reaches', async () => {
    await log.tell(acme, [aged(0)]);

    expect(await allOf(log, { ...all, from: 8.64e15 })).toEqual([]);
    expect(await allOf(log, { ...all, to: -8.64e15 })).toEqual([]);
    expect(await allOf(log, { ...all, from: -8.64e15, to: 8.64e15 })).toHaveLength(1);
  });

  test('has forgotten what is older than its days, whether or not it is still stored', async () => {
    const day = 60 * 24;
    await log.tell(acme, [aged(days * day - 1), aged(days * day), aged((days + 10) * day)]);

    expect((await allOf(log, all)).map(({ id }) => id)).toEqual([`${days * day - 1}`]);
  });

  test('leaves a line as it is when it is told again', async () => {
    await log.tell(acme, [aLine({ message: 'At first.' })]);
    await log.tell(acme, [aLine({ message: 'Again.' }), aged(5)]);

    expect((await allOf(log, all)).map(({ message }) => message)).toEqual(['At first.', aged(5).message]);
  });

  test('goes on below a cursor whatever has come since', async () => {
    await log.tell(acme, [2, 3, 4].map(aged));
    const { lines, next = '' } = await log.find(acme, all, { limit: 2 });
    await log.tell(acme, [aged(1)]);

    expect(lines).toEqual([aged(2), aged(3)]);
    expect(await log.find(acme, all, { limit: 2, cursor: next })).toEqual({ lines: [aged(4)] });
    expect(await log.find(acme, { ...all, from: noon - minutes(3) }, { limit: 2, cursor: next })).toEqual({
      lines: [],
    });
  });

  test.each(Object.entries(filters))('finds by %s, in every page, and with a time', async (_, [filter, other]) => {
    const those = [1, 60 * 30, 60 * 24 * 5].map(aged);
    const others = [0, 2, 60 * 31].map((age) => ({ ...aged(age), ...other }));
    await log.tell(acme, [...those, ...others]);

    expect(await allOf(log, filter, 1)).toEqual(those);
    expect(await allOf(log, { ...filter, from: noon - hours(40) }, 2)).toEqual(those.slice(0, 2));
  });

  test('shows one tenant nothing of another', async () => {
    await log.tell(acme, [aLine({})]);

    expect(await log.find(globex, all, { limit: 10 })).toEqual({ lines: [] });
    for (const [filter] of Object.values(filters)) {
      expect(await log.find(globex, filter, { limit: 10 })).toEqual({ lines: [] });
    }
  });
}

/** Filters that both logs have, and a line that each passes over. */
export const sharedFilters = {
  mac: [{ mac: laptop }, { mac: printer }],
  ip: [{ ip: desk }, { ip: null }],
  'user in any case': [{ user: 'ALICE' }, { user: 'bob' }],
} as const;
