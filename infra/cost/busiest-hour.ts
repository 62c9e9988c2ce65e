/** What the busiest hour asks of a deployment, to hold against quotas. */
import { queryConcurrency } from '../../shared/contract.ts';
import { sizes } from '../functions.ts';
import { busiest, operations, walk } from './tenant-model.ts';

export interface Load {
  readonly requestsPerSecond: number;
  /** Without sites that wait, each of which holds one. */
  readonly functionsAtOnce: number;
  readonly writesPerSecond: number;
  readonly readsPerSecond: number;
  readonly questionsAtOnce: number;
  /** Tenants to which threat logs are being sent. */
  readonly forwardersAtOnce: number;
  /** Half of each is left for servers that answer slowly. */
  readonly cells: number;
  readonly walkSeconds: number;
}

export function busiestHour(tenants: number): Load {
  const perSecond = (of: (operation: (typeof operations)[number]) => number) =>
    (operations.reduce((total, each) => total + of(each) * each.perDay, 0) * tenants * busiest) / 86_400;
  const questionsAtOnce = perSecond((each) => (each.function === 'query-clearpass' ? each.milliseconds / 1_000 : 0));
  return {
    requestsPerSecond: perSecond(({ by }) => (by === 'caller' ? 1 : 0)),
    functionsAtOnce: perSecond(({ milliseconds }) => milliseconds / 1_000),
    writesPerSecond: perSecond(({ writes }) => writes),
    readsPerSecond: perSecond(({ reads }) => reads),
    questionsAtOnce,
    forwardersAtOnce: perSecond((each) => (each.function === 'forward-logs' ? each.milliseconds / 1_000 : 0)),
    cells: Math.max(1, Math.ceil(questionsAtOnce / (queryConcurrency / 2))),
    walkSeconds: walkSeconds(tenants, sizes['tend-endpoints'].memoryMegabytes),
  };
}

/** How long `tend-endpoints` takes for all tenants, bound by its processor. */
export function walkSeconds(tenants: number, memoryMegabytes: number): number {
  const processors = Math.min(1, memoryMegabytes / walk.wholeProcessorMegabytes);
  return (tenants * walk.requests * walk.processorMs) / 1_000 / processors;
}
