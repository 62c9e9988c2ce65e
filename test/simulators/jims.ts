/**
 * A JIMS that answers who is at an address, and hands out all that it knows batch by batch. Each batch comes with a cookie
 * that says where the next begins; asked with it again, it answers the same.
 */
import { canonical, type Simulator, type SimulatorOptions, startSimulator } from './simulator.ts';

/** As JIMS writes an entry; tests may write one badly. */
export type ReportEntry = Readonly<Record<string, unknown>>;

export type JimsQuestion =
  { readonly ip: string } | { readonly beginTime: number; readonly count: number; readonly cookie: string | null };

export interface Jims extends Simulator<JimsQuestion> {
  /** What it answers about one address. */
  readonly setEndpoint: (ip: string, ...entries: readonly ReportEntry[]) => void;
  /** What it knows beside that, for batches, in this order. */
  readonly report: (...entries: readonly ReportEntry[]) => void;
}

export async function startJims(options: SimulatorOptions = {}): Promise<Jims> {
  const endpoints = new Map<string, readonly ReportEntry[]>();
  const reports: ReportEntry[] = [];
  const setEndpoint: Jims['setEndpoint'] = (ip, ...entries) => void endpoints.set(canonical(ip), entries);
  const report: Jims['report'] = (...entries) => void reports.push(...entries);

  function batch({ beginTime, count, cookie }: Extract<JimsQuestion, { beginTime: number }>) {
    const isKnown = cookie !== null && /^after-\d+$/.test(cookie);
    const since = reports.findIndex(({ timestamp }) => Number(timestamp) >= beginTime);
    const from = isKnown ? Number(cookie.slice('after-'.length)) : since < 0 ? reports.length : since;
    const entries = reports.slice(from, from + count);
    return JSON.stringify({ cookie: `after-${from + entries.length}`, report_entries: entries });
  }

  const simulator = await startSimulator<JimsQuestion>(
    {
      tokenPath: '/oauth_token/oauth',
      question({ method, url: { pathname, searchParams } }) {
        if (method !== 'GET') return undefined;
        const ip = /^\/user_query\/v2\/ip\/([^/]+)$/.exec(pathname)?.[1];
        if (ip !== undefined) return { ip: decodeURIComponent(ip) };
        if (pathname !== '/user_query/v2/users/endpoints') return undefined;
        const number = (name: string) => Number(searchParams.get(name));
        return { beginTime: number('begintime'), count: number('entry_count'), cookie: searchParams.get('cookie') };
      },
      answer(question) {
        if (!('ip' in question)) return batch(question);
        const entries = endpoints.get(canonical(question.ip));
        return entries && JSON.stringify({ cookie: 'none', report_entries: entries });
      },
      control(call, told) {
        const ip = /^PUT \/endpoints\/([^/]+)$/.exec(call)?.[1];
        const entries = (Array.isArray(told) ? told : [told]) as ReportEntry[];
        if (ip !== undefined) setEndpoint(decodeURIComponent(ip), ...entries);
        else if (call === 'POST /reports') report(...entries);
        else return 'unknown';
        return 'done';
      },
    },
    options,
  );
  return { ...simulator, setEndpoint, report };
}
