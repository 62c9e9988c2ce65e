/** EventBridge: the template's schedules, each calling its functions by real time, and whenever a test says that it is time. */
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { CannotStart } from './cannot-start.ts';
import type { Lambda } from './lambda.ts';
import { account, region, resourceType, type Template } from './template.ts';

const units = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

const rate = v.pipe(
  v.string(),
  v.regex(/^rate\([1-9]\d* (minute|hour|day)s?\)$/),
  v.transform((text) => {
    const [count = '', unit = ''] = text.slice('rate('.length, -1).replace(/s$/, '').split(' ');
    return Number(count) * units[unit as keyof typeof units];
  }),
);

const rule = resourceType(
  'AWS::Events::Rule',
  v.strictObject({
    ScheduleExpression: rate,
    State: v.optional(v.literal('ENABLED')),
    Targets: v.array(v.strictObject({ Arn: v.string(), Id: v.string() })),
  }),
  { attributes: { Arn: (id) => arnOf(id) } },
);

export const eventsTypes = [rule];

const arnOf = (id: string) => `arn:aws:events:${region}:${account}:rule/${id}`;

export interface EventsOptions {
  readonly lambda: Lambda;
  readonly now: () => number;
  readonly log: (line: string) => void;
}

export interface Events {
  /** It is time for every rule whose name in its stack begins so. Resolves when what it calls has ended. */
  readonly tick: (ruleName: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Schedules live by real time, as the delays of queues do; the events tell the moved one. */
export function startEvents(template: Template, { lambda, now, log }: EventsOptions): Events {
  const rules = template.all(rule);
  for (const { id, properties } of rules) {
    for (const { Arn } of properties.Targets) {
      if (lambda.permission(Arn, arnOf(id)) === 'granted') continue;
      throw new CannotStart(`${id} calls ${Arn}, which does not let it. Add the permission to the app.`);
    }
  }

  async function run({ id, properties }: (typeof rules)[number]): Promise<void> {
    const event = {
      version: '0',
      id: randomUUID(),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account,
      time: new Date(now()).toISOString().replace(/\.\d+Z$/, 'Z'),
      region,
      resources: [arnOf(id)],
      detail: {},
    };
    await Promise.all(
      properties.Targets.map(async ({ Arn }) => {
        const outcome = await lambda.invoke(Arn, event);
        if (outcome.outcome === 'failed') log(`${id} called ${Arn}, which failed: ${outcome.message}`);
      }),
    );
  }

  const running = new Set<Promise<void>>();
  const begin = (one: (typeof rules)[number]) => {
    const call = run(one)
      .catch((error: unknown) => log(`${one.id} could not call: ${String(error)}`))
      .finally(() => running.delete(call));
    running.add(call);
    return call;
  };
  const timers = rules.map((one) => setInterval(() => void begin(one), one.properties.ScheduleExpression).unref());

  return {
    async tick(ruleName) {
      const called = rules.filter(({ id }) => id.slice(id.lastIndexOf('-') + 1).startsWith(ruleName));
      if (called.length === 0) throw new Error(`No rule is called ${ruleName}.`);
      await Promise.all(called.map(begin));
    },
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(running);
    },
  };
}
