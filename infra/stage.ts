/** What differs between a deployment to try things on and one that customers depend on. */
import { RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';

export interface Stage {
  /** What becomes of tables, keys and logs when their stack, or their place in it, goes. */
  readonly removalPolicy: RemovalPolicy;
  /** Of tables, and of the stacks themselves. */
  readonly deletionProtection: boolean;
  /** Whose key encrypts the tables at rest: AWS's own, free and seen by nobody, or one of this account. */
  readonly tableEncryption: 'aws-owned' | 'own-key';
  /** What the authentication table bears from its first minute; without it, a new table bears 4,000 units a second. */
  readonly entriesWarmThroughput?: { readonly readUnitsPerSecond: number; readonly writeUnitsPerSecond: number };
  readonly logRetention: RetentionDays;
  /** How many fixed addresses there are, each with a NAT gateway. */
  readonly egressAddresses: 1 | 2;
  readonly egress: Egress;
  readonly firewall: Firewall;
  /** For the whole API, all tenants together: a bound on what a flood can cost. */
  readonly throttle: { readonly requestsPerSecond: number; readonly burst: number };
}

/** Under which addresses tenants' systems see us: some of ours, or whatever AWS has at the time. */
export type Egress = 'fixed' | 'any';
/** Whether a web application firewall stands before the API. */
export type Firewall = 'on' | 'off';

const stages: Readonly<Record<string, Stage>> = {
  sandbox: {
    removalPolicy: RemovalPolicy.DESTROY,
    deletionProtection: false,
    tableEncryption: 'aws-owned',
    logRetention: RetentionDays.ONE_WEEK,
    egressAddresses: 1,
    egress: 'any', // a NAT gateway costs more than all else of a sandbox
    firewall: 'off',
    throttle: { requestsPerSecond: 1_000, burst: 2_000 },
  },
  production: {
    removalPolicy: RemovalPolicy.RETAIN,
    deletionProtection: true,
    tableEncryption: 'own-key',
    // A partition takes 1,000 writes a second, and a tenant's entries lie on sixteen.
    entriesWarmThroughput: { readUnitsPerSecond: 24_000, writeUnitsPerSecond: 16_000 },
    logRetention: RetentionDays.THREE_MONTHS,
    egressAddresses: 2, // one a zone: either goes on when the other fails
    egress: 'fixed',
    firewall: 'on',
    throttle: { requestsPerSecond: 10_000, burst: 5_000 }, // the most that a new account is given
  },
};

/** The stage that `-c stage=NAME` names; the sandbox where nothing is said. */
export function stageNamed(name: unknown = 'sandbox'): Stage {
  const stage = typeof name === 'string' && Object.hasOwn(stages, name) ? stages[name] : undefined;
  if (!stage) throw new Error(`There is no stage "${String(name)}". Say one of: ${Object.keys(stages).join(', ')}.`);
  return stage;
}

/** What is said by `-c NAME=VALUE`, or the stage's own choice where nothing is. Throws for what is no choice. */
export function choice<Choice extends string>(name: string, said: unknown, own: Choice, choices: readonly Choice[]) {
  const chosen = choices.find((each) => each === (said ?? own));
  if (chosen === undefined) throw new Error(`${name} is "${String(said)}". Say one of: ${choices.join(', ')}.`);
  return chosen;
}

/** Who hears of alarms, from `-c alarmEmail=ops@example.net`; nobody where nothing is said. */
export function alarmEmailBy(address: unknown = ''): string | undefined {
  if (address === '') return undefined;
  if (typeof address === 'string' && /^[^\s@]+@[^\s@]+$/.test(address)) return address;
  throw new Error(`alarmEmail is "${String(address)}". Say one address, as ops@example.net.`);
}

/** How the service asks other systems, by context values of its own: it grows with the tenants, not with the stage. */
export interface Asking {
  /** More servers are borne by more cells. They are only ever added: a server keeps its cell for good. */
  readonly cells: number;
  /** Addresses and prefixes that may be connected to beside the public ones. */
  readonly outboundAllow?: string;
}

/** More tenants than these bear are another deployment: docs/decisions.md says why. */
export const mostCells = 7;

/** From `-c queryCells=2`, one where nothing is said, and `-c outboundAllow=192.0.2.0/24`, none where nothing is said. */
export function askingBy(queryCells: unknown = 1, outboundAllow: unknown = ''): Asking {
  const cells = Number(queryCells);
  if (!Number.isInteger(cells) || cells < 1 || cells > mostCells) {
    throw new Error(
      `queryCells is "${String(queryCells)}". Say how many cells there are, at least 1, at most ${mostCells}.`,
    );
  }
  return { cells, ...(outboundAllow !== '' && { outboundAllow: String(outboundAllow) }) };
}
