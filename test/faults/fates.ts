/** What can become of a request to DynamoDB or SQS, and which of it becomes of the one with this number. */
import { setTimeout as wait } from 'node:timers/promises';
import { seededChance } from '../simulators/behaviour.ts';
import { type Exchange, type Fate, passed, type Told } from './fault-proxy.ts';

type Operation = string;

/** A fault, how often it comes in a thousand requests, and what it can come to; anything where nothing is said. */
interface Fault {
  readonly name: string;
  readonly perThousand: number;
  readonly of?: ReadonlySet<Operation>;
  readonly fate: (chance: () => number) => Fate;
}

const refusal = (status: number, code: string): Told => ({
  status,
  body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${code}`, message: 'Provoked.' }),
});

const oneOf = <Each>(chance: () => number, all: readonly [Each, ...Each[]]): Each =>
  all[Math.floor(chance() * all.length)] ?? all[0];

/** It reaches nobody. */
const lostRequest: Fate = async (exchange) => Promise.resolve(exchange.reset());

/** It is done, and whoever asked never learns of it. */
const lostAnswer: Fate = async (exchange) => {
  await exchange.forward();
  exchange.reset();
};

const cutAnswer: Fate = async (exchange) => exchange.cut(await exchange.forward());

const answeredBefore =
  (told: Told): Fate =>
  async (exchange) =>
    Promise.resolve(exchange.answer(told));

/** It is done, and told as failed. */
const answeredAfter =
  (told: Told): Fate =>
  async (exchange) => {
    await exchange.forward();
    exchange.answer(told);
  };

/** Late on the way to the engine: what was read before it is old by then. */
const delayed =
  (ms: number): Fate =>
  async (exchange) => {
    await wait(ms);
    await passed(exchange);
  };

const everywhere: readonly Fault[] = [
  { name: 'request lost', perThousand: 15, fate: () => lostRequest },
  { name: 'answer lost', perThousand: 20, fate: () => lostAnswer },
  { name: 'answer cut', perThousand: 10, fate: () => cutAnswer },
  { name: 'delayed', perThousand: 30, fate: (chance) => delayed(20 + chance() * 200) },
];

const statementErrors = [
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
  'ThrottlingError',
  'InternalServerError',
  'TransactionConflict',
] as const;

interface Statements {
  readonly Statements: readonly unknown[];
}
interface Answers {
  readonly Responses?: readonly ({ readonly Error?: unknown } | undefined)[];
}

/** Some statements are told to have failed: of these some were done all the same. What failed by itself is told as it was. */
const failedStatements =
  (chance: () => number): Fate =>
  async (exchange) => {
    const { Statements, ...rest } = JSON.parse(exchange.body) as Statements;
    const fates = Statements.map(() => {
      const error = { Error: { Code: oneOf(chance, statementErrors), Message: 'Provoked.' } };
      const drawn = chance();
      return { error, fate: drawn < 0.15 ? 'left out' : drawn < 0.3 ? 'told as failed' : 'done' } as const;
    });
    const kept = Statements.filter((_, index) => fates[index]?.fate !== 'left out');
    const told = kept.length > 0 ? await exchange.forward(JSON.stringify({ ...rest, Statements: kept })) : undefined;
    if (told && told.status !== 200) return exchange.answer(told);
    const answers = [...((told && (JSON.parse(told.body) as Answers).Responses) ?? [])];
    const Responses = fates.map(({ error, fate }) => {
      if (fate === 'left out') return error;
      const answer = answers.shift();
      return fate === 'told as failed' && answer?.Error === undefined ? error : answer;
    });
    exchange.answer({ status: 200, body: JSON.stringify({ Responses }) });
  };

type Batch = Readonly<Record<string, unknown[] | { readonly Keys: unknown[] }>>;

/** DynamoDB does a part of a batch and names the rest. */
const unprocessed =
  (of: 'UnprocessedKeys' | 'UnprocessedItems', chance: () => number): Fate =>
  async (exchange) => {
    const { RequestItems, ...rest } = JSON.parse(exchange.body) as { RequestItems: Batch };
    const [table = '', asked] = Object.entries(RequestItems)[0] ?? [];
    const all = Array.isArray(asked) ? asked : (asked?.Keys ?? []);
    const left = all.filter(() => chance() < 0.4);
    if (left.length === 0 || left.length === all.length || Object.keys(RequestItems).length > 1)
      return passed(exchange);
    const some = (part: unknown[]) => ({ [table]: Array.isArray(asked) ? part : { ...asked, Keys: part } });
    const done = all.filter((each) => !left.includes(each));
    const told = await exchange.forward(JSON.stringify({ ...rest, RequestItems: some(done) }));
    if (told.status !== 200) return exchange.answer(told);
    exchange.answer({ status: 200, body: JSON.stringify({ ...(JSON.parse(told.body) as object), [of]: some(left) }) });
  };

const only = (...operations: Operation[]) => new Set(operations);

export const dynamodbFaults: readonly Fault[] = [
  ...everywhere,
  {
    name: 'throttled',
    perThousand: 20,
    fate: (chance) => {
      const codes = ['ProvisionedThroughputExceededException', 'ThrottlingException', 'RequestLimitExceeded'] as const;
      return answeredBefore(refusal(400, oneOf(chance, codes)));
    },
  },
  {
    name: 'failed before',
    perThousand: 10,
    fate: (chance) => answeredBefore(oneOf(chance, [refusal(500, 'InternalServerError'), { status: 503, body: '' }])),
  },
  {
    name: 'failed after',
    perThousand: 10,
    fate: (chance) => answeredAfter(oneOf(chance, [refusal(500, 'InternalServerError'), { status: 503, body: '' }])),
  },
  { name: 'statements failed', perThousand: 250, of: only('BatchExecuteStatement'), fate: failedStatements },
  { name: 'keys unprocessed', perThousand: 250, of: only('BatchGetItem'), fate: (chance) => unprocessed('UnprocessedKeys', chance) }, // prettier-ignore
  { name: 'items unprocessed', perThousand: 250, of: only('BatchWriteItem'), fate: (chance) => unprocessed('UnprocessedItems', chance) }, // prettier-ignore
];

/** What a queue gave before comes again with what it gives now, although it may be deleted by then. */
function again(): Fate {
  const given = new Map<string, readonly unknown[]>();
  return async (exchange) => {
    const { QueueUrl } = JSON.parse(exchange.body) as { QueueUrl: string };
    const told = await exchange.forward();
    if (told.status !== 200) return exchange.answer(told);
    const { Messages = [] } = JSON.parse(told.body) as { Messages?: readonly unknown[] };
    const before = given.get(QueueUrl) ?? [];
    given.set(QueueUrl, Messages);
    exchange.answer({ ...told, body: JSON.stringify({ Messages: [...Messages, ...before].slice(0, 10) }) });
  };
}

const sqsRefusal: Told = {
  status: 503,
  body: JSON.stringify({ __type: 'com.amazonaws.sqs#ServiceUnavailable', message: 'Provoked.' }),
};

export function sqsFaults(): readonly Fault[] {
  const deliveredAgain = again();
  return [
    ...everywhere,
    { name: 'refused', perThousand: 50, fate: () => answeredBefore(sqsRefusal) },
    { name: 'delivered again', perThousand: 200, of: only('ReceiveMessage'), fate: () => deliveredAgain },
  ];
}

/** The same number has the same fate, whoever asks; `provoked` counts what has become of them. */
export function seededFates(faults: readonly Fault[], seed: number, provoked: Map<string, number>) {
  return ({ number, operation }: Exchange): Fate => {
    const chance = seededChance(seed * 1_000_003 + number);
    chance();
    let drawn = chance() * 1_000;
    for (const { name, perThousand, of, fate } of faults) {
      if (of !== undefined && !of.has(operation)) continue;
      drawn -= perThousand;
      if (drawn >= 0) continue;
      provoked.set(name, (provoked.get(name) ?? 0) + 1);
      return fate(chance);
    }
    return passed;
  };
}
