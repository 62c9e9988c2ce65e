/** `npm run cost`: the tables of docs/scale.md, reckoned anew. */
import { busiestHour, type Load } from './busiest-hour.ts';
import { type Cost, monthlyCost, monthlyCostOfWaiting, totalOf } from './monthly-cost.ts';
import { operations } from './tenant-model.ts';
import { pricesAsOf, type Service } from './unit-prices.ts';

const tenants = [1, 20, 200, 10_000] as const;

/** What a month costs, service by service. */
export function costTable(): string {
  const costs = tenants.map(monthlyCost);
  const services = Object.keys(costs[0] ?? {}) as Service[];
  return table([
    ['$ a month', ...tenants.map((count) => `${whole(count)} tenant${count === 1 ? '' : 's'}`)],
    ...services.map((service) => [service, ...costs.map((cost) => whole(cost[service]))]),
    ['**all**', ...costs.map((cost: Cost) => `**${whole(totalOf(cost))}**`)],
    ['for each tenant', ...costs.map((cost, index) => (totalOf(cost) / (tenants[index] ?? 1)).toFixed(2))],
  ]);
}

/** What a tenant does in a day, and what each of it takes. */
export function modelTable(): string {
  return table([
    ['what', 'a day', 'ms', 'read units', 'write units'],
    ...operations.map(({ says, perDay, milliseconds, reads, writes }) =>
      [says, perDay, milliseconds, reads, writes].map((each) => (typeof each === 'number' ? whole(each) : each)),
    ),
  ]);
}

/** What the busiest hour of a day asks. */
export function loadTable(): string {
  const loads = tenants.map(busiestHour);
  const rows: readonly (readonly [string, (load: Load) => number])[] = [
    ['requests a second', (load) => load.requestsPerSecond],
    ['functions at once', (load) => load.functionsAtOnce],
    ['write units a second, all tables', (load) => load.writesPerSecond],
    ['read units a second, all tables', (load) => load.readsPerSecond],
    ['questions at once', (load) => load.questionsAtOnce],
    ['tenants sent threat logs at once', (load) => load.forwardersAtOnce],
    ['query cells, half loaded', (load) => load.cells],
    ['seconds of the walk each minute', (load) => load.walkSeconds],
  ];
  return table([
    ['in the busiest hour', ...tenants.map((count) => `${whole(count)} tenant${count === 1 ? '' : 's'}`)],
    ...rows.map(([says, of]) => [says, ...loads.map((load) => upTo(of(load)))]),
  ]);
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), rule, ...body.map(line)].join('\n');
}

const upTo = (value: number) => Math.ceil(value).toLocaleString('en-US');
const whole = (value: number) => Math.round(value).toLocaleString('en-US');

if (import.meta.main) {
  console.log(
    `Prices of us-east-1 as of ${pricesAsOf}, without free tiers.\n\n${modelTable()}\n\n${costTable()}\n\n${loadTable()}\n`,
  );
  console.log(
    `A site that always waits for its changes of authorization: $${monthlyCostOfWaiting().toFixed(2)} a month more.`,
  );
}
