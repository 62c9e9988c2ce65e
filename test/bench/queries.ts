/**
 * Questions a second through the running service, from a full queue to a ClearPass that takes its time, beside the most
 * that twenty connections can carry. All of it shares this machine: the engines, twenty workers and ClearPass too.
 */
import { cpus } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { queryConcurrency } from '../../shared/contract.ts';
import { call, type Service, startService } from '../end-to-end/service.ts';
import { type ClearPass, startClearPass } from '../simulators/clearpass.ts';

const latencyMs = 250;
const ceiling = queryConcurrency / (latencyMs / 1_000);
const aim = 0.9;

/** Of a tenant no more questions may be open. */
const misses = 2_000;
const flowsInCall = 100;
/** Until then workers start, and the misses come in. */
const warmUp = 400;
const measured = 1_000;

export async function queries(): Promise<void> {
  const [service, clearPass] = await Promise.all([startService(), startClearPass()]);
  try {
    clearPass.behave({ latencyMs });
    await configure(service, clearPass);
    for (let first = 0; first < misses; first += flowsInCall) await miss(service, first);
    const from = await whenAsked(clearPass, Math.max(warmUp, clearPass.statistics().queries));
    const until = await whenAsked(clearPass, from.questions + measured);
    report(from, until);
    console.log(`connections at once   ${clearPass.statistics().maxOpenSockets}`);
  } finally {
    await Promise.all([service.stop(), clearPass.stop()]);
  }
}

interface Moment {
  readonly questions: number;
  readonly wallMs: number;
  /** Of this process: the functions, the queues and ClearPass, but not the tables. */
  readonly cpuMs: number;
  /** Of all processors together, whoever uses them. */
  readonly idleMs: number;
}

/** The moment when ClearPass had been asked so many questions, or a few more. */
async function whenAsked(clearPass: ClearPass, atLeast: number): Promise<Moment> {
  for (const giveUpAt = Date.now() + 120_000; Date.now() < giveUpAt; await wait(5)) {
    const questions = clearPass.statistics().queries;
    if (questions < atLeast) continue;
    const { user, system } = process.cpuUsage();
    const idleMs = cpus().reduce((sum, { times }) => sum + times.idle, 0);
    return { questions, wallMs: performance.now(), cpuMs: (user + system) / 1_000, idleMs };
  }
  throw new Error(`ClearPass was asked ${clearPass.statistics().queries} questions only.`);
}

function report(from: Moment, until: Moment) {
  const questions = until.questions - from.questions;
  const wallMs = until.wallMs - from.wallMs;
  const perSecond = (questions / wallMs) * 1_000;
  const part = perSecond / ceiling;
  const idle = (until.idleMs - from.idleMs) / (wallMs * cpus().length);
  const percent = (of: number) => `${(of * 100).toFixed(0)} %`;
  console.log(`\nAsking a ClearPass that takes ${latencyMs} ms, over at most ${queryConcurrency} connections\n`);
  console.log(
    `questions a second    ${perSecond.toFixed(1)} of ${ceiling}: ${percent(part)}  aim ${percent(aim)}: ${part >= aim ? 'met' : 'MISSED'}`,
  );
  console.log(
    `CPU of a question     ${((until.cpuMs - from.cpuMs) / questions).toFixed(1)} ms, without the tables' engine`,
  );
  console.log(`processors left idle  ${percent(idle)}: near none, this machine is what bounds it`);
}

async function configure({ url, authorizations }: Service, { server: { address, port } }: ClearPass) {
  const server = { name: 'cppm', address, port, connectMethod: 'http' };
  const secret = { clientId: 'postern', clientSecret: 'what the simulator takes' };
  const userQuery = { enabled: true, server, ...secret, delayQueryTime: 0 };
  const staffOnly = {
    name: 'staff-web',
    fromZone: 'trust',
    toZone: 'untrust',
    source: ['any'],
    destination: ['any'],
    applications: ['any'],
    sourceIdentity: ['acme\\staff'],
    action: 'permit',
    log: false,
  };
  const configuration = JSON.stringify({ clearpass: { userQuery }, policies: [staffOnly] });
  const { status, body } = await call(url, 'PUT /v1/configuration', authorizations.acme.operator, configuration);
  if (status !== 200) throw new Error(JSON.stringify(body));
}

async function miss({ url, authorizations }: Service, first: number) {
  const flows = Array.from({ length: flowsInCall }, (_, index) => ({
    sourceIp: `10.0.${(first + index) >> 8}.${(first + index) & 255}`,
    destinationIp: '198.51.100.7',
    destinationPort: 443,
    protocol: 'tcp',
    fromZone: 'trust',
    toZone: 'untrust',
  }));
  const { status, body } = await call(
    url,
    'POST /v1/decisions',
    authorizations.acme['enforcement-point'],
    JSON.stringify({ flows }),
  );
  if (status !== 200) throw new Error(JSON.stringify(body));
}
