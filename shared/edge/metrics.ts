/**
 * Metrics as CloudWatch takes them from a log: one line of JSON in its embedded format, so that a number costs no call.
 * Only what is there to tell is told, by tenant: so there are no more series than tenants times the names below.
 */
import type { Measure, Measured } from '../journal/measure.ts';

const namespace = 'Postern';

const units: Readonly<Record<keyof Measured, 'Count' | 'Milliseconds'>> = {
  PostsAccepted: 'Count',
  PostsRefused: 'Count',
  PostsUnfinished: 'Count',
  LoginsRefused: 'Count',
  EntriesStored: 'Count',
  EntriesReplayed: 'Count',
  EntriesStale: 'Count',
  EntriesRefused: 'Count',
  SenderRefusedInARow: 'Count',
  SenderClockSkew: 'Milliseconds',
  DeafSenders: 'Count',
  SilentSenders: 'Count',
  SendersWithClockOff: 'Count',
  SenderWatchesUnfinished: 'Count',
};

/** Past the console: Lambda's own writes a time and an id before each line, and CloudWatch takes only JSON. */
export const toLog = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

export const embeddedMetrics =
  (write: (line: string) => void = toLog): Measure =>
  (tenant, at, measured, about = {}) => {
    const told = Object.entries(measured).filter(([, value]) => value !== undefined);
    if (told.length === 0) return;
    const Metrics = told.map(([Name]) => ({ Name, Unit: units[Name as keyof Measured] }));
    const CloudWatchMetrics = [{ Namespace: namespace, Dimensions: [['Tenant']], Metrics }];
    write(
      JSON.stringify({
        _aws: { Timestamp: at, CloudWatchMetrics },
        Tenant: tenant,
        ...about,
        ...Object.fromEntries(told),
      }),
    );
  };
