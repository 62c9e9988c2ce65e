/**
 * Questions on their way: whoever misses an address, the queue with its delays, repeats and dead letters, and the workers
 * that take messages from it. The use cases are the real ones; all that they reach is a step of the world.
 */
import type { Event } from '../../../shared/identity/advance.ts';
import type { Item } from '../../../shared/identity/entry.ts';
import type { Logon } from '../../../shared/identity/observation.ts';
import type { Settled } from '../../../shared/identity/queried.ts';
import { ServiceError } from '../../../shared/service-error.ts';
import { abandonQuery } from '../../../shared/user-query/abandon-query.ts';
import { askAbout, type QuestionQueue, type QueuedQuestion } from '../../../shared/user-query/ask-about.ts';
import { failed, type Asked } from '../../../shared/user-query/asking.ts';
import { type Hop, hopAfter, timeoutsOf } from '../../../shared/user-query/hops.ts';
import type { QuerySettings } from '../../../shared/user-query/query-settings.ts';
import { type Handled, queryUser } from '../../../shared/user-query/query-user.ts';
import type { QuestionStore } from '../../../shared/user-query/questions.ts';
import { defaultLimitsOf } from '../../support/limits.ts';
import { teachNobody } from '../../support/teach-nobody.ts';
import { type Actor, tableBySteps } from './table-by-steps.ts';
import { death } from './schedule.ts';
import type { Place, World } from './world.ts';
import { measureNothing } from '../../support/fake-measure.ts';

/** What ClearPass or JIMS says. `hang`: nothing, until the worker is killed. */
export type Answer = Logon | 'nobody' | 'busy' | 'refused' | 'hang';

/** How long an answer takes: turns of others, and time. */
export interface Latency {
  readonly turns: number;
  readonly ms: number;
}

export interface QuestionChances {
  readonly answer: () => Answer;
  /** Of the configuration as it is then: it is changed all the time. */
  readonly settings: () => QuerySettings;
  readonly skewMs: () => number;
  readonly latency: () => Latency;
  /** How often a message is received before it is among the dead letters. */
  readonly maxReceives: number;
}

export interface Questions {
  readonly miss: (actor: Actor, place: Place, kind: 'missed' | 'forced') => Promise<void>;
  /** Whoever takes the next message that may be taken begins to handle it. */
  readonly takeMessage: () => void;
  /** When each message may be taken; empty once no question is on its way. */
  readonly dueTimes: () => readonly number[];
}

interface Message {
  readonly question: QueuedQuestion;
  dueAt: number;
  receives: number;
  queue: 'questions' | 'dead letters';
}

const [invocationMs, visibilityMs, lateMs] = [30_000, 180_000, 60_000];

const placeOf = ({ tenant, ip }: QueuedQuestion): Place => ({ tenant, key: { ip, slot: 'userid' } });

export function questionsBySteps(world: World, chances: QuestionChances): Questions {
  const messages: Message[] = [];
  let workers = 0;

  const queueOf = (actor: Actor): QuestionQueue => ({
    async send(_, question, delaySeconds) {
      await world.turn();
      const fate = world.fate();
      if (fate === 'refused') throw new ServiceError('busy', 'The queue takes nothing at this moment.');
      const dueAt = world.clock() + delaySeconds * 1_000 + (fate === 'late' ? lateMs : 0);
      const copies = fate === 'lost' ? 0 : fate === 'twice' ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1) messages.push({ question, dueAt, receives: 0, queue: 'questions' });
      world.note(`sent by ${actor.name}: ${copies} times`, placeOf(question));
      if (fate === 'unheard') await death();
    },
  });

  async function miss(actor: Actor, place: Place, kind: 'missed' | 'forced') {
    const { tenant, key } = place;
    const table = tableBySteps(world, actor, { eventsOf: () => [{ kind, delayMs: 0 }] });
    const deps = { table, questions: countless, limitsOf: defaultLimitsOf, cellOf: theOnlyCell, queue: queueOf(actor) };
    const asked = await askAbout(deps, { tenant, ip: key.ip }, { settings: chances.settings(), kind }).catch(busyOnly);
    world.note(`answered to ${actor.name}: ${asked === 'busy' ? asked : asked.outcome}`, place);
  }

  async function work(question: QueuedQuestion): Promise<Handled> {
    const place = placeOf(question);
    const [id, skewMs, endAt] = [`worker ${(workers += 1)}`, chances.skewMs(), world.clock() + invocationMs];
    let [isSlow, answer, hop]: [boolean, Answer | undefined, Hop] = [false, undefined, question.ask];
    const life = () => (isSlow || world.clock() < endAt ? 'alive' : 'over');
    const actor: Actor = { name: id, skewMs, life };
    const stepOf = async () => {
      await world.turn();
      if (life() === 'over') await death();
    };

    /** Killed while it asks, a worker leaves its socket open till its time is over: then its process is ended. */
    const ask = async (asking: QueuedQuestion): Promise<Asked> => {
      await stepOf();
      const socket = world.openSocket(place, id, endAt);
      hop = asking.ask;
      world.note(`asked ${hop}`, place);
      const [fate, heard] = [world.fate(), chances.answer()];
      if (heard === 'hang' || fate === 'lost' || fate === 'unheard') return death();
      // The process of a slow one was frozen while it asked, and goes on as if it had not been.
      isSlow = fate !== 'arrives';
      const { turns, ms } = chances.latency();
      for (let left = turns; left > 0; left -= 1) await stepOf();
      if (ms > 0) await world.moveClock((clock) => clock + ms);
      await stepOf();
      socket.close();
      world.note(`heard ${world.clock() < endAt ? 'in time' : 'too late'} by ${id}`, place);
      answer = heard;
      return askedOf(heard, asking);
    };

    const settings = chances.settings();
    return queryUser(
      {
        table: tableBySteps(world, actor, {
          eventsOf: (_, item) => [eventOf(id, answer, item, { settings, question: { ...question, ask: hop } })],
        }),
        settingsOf: async () => Promise.resolve(settings),
        questions: countless,
        cellOf: theOnlyCell,
        queue: queueOf(actor),
        teach: teachNobody,
        ask,
        tell: toldNowhere,
        measure: measureNothing,
        hear: async () => Promise.resolve(),
      },
      question,
      { id, cell: 0, deadlineAt: endAt + skewMs },
    );
  }

  async function abandon(question: QueuedQuestion) {
    const [name, settings] = ['the dead letters', chances.settings()];
    const { invalid: invalidTimeoutMinutes } = timeoutsOf(settings, question.ask);
    const eventsOf = () => [{ kind: 'abandoned', invalidTimeoutMinutes } as const];
    const table = tableBySteps(world, { name, skewMs: chances.skewMs() }, { eventsOf });
    const settingsOf = async () => Promise.resolve(settings);
    const deps = { table, settingsOf, questions: countless, tell: toldNowhere, measure: measureNothing };
    return abandonQuery(deps, question, { id: 'abandoned' });
  }

  async function handle(message: Message) {
    const handler = message.queue === 'questions' ? work : abandon;
    const handled = await handler(message.question).catch(busyOnly);
    const after = typeof handled === 'object' ? `again after ${handled.againAfterSeconds} s` : handled;
    world.note(`handled by the ${message.queue}: ${after}`, placeOf(message.question));
    if (handled === 'done') messages.splice(messages.indexOf(message), messages.includes(message) ? 1 : 0);
    if (typeof handled === 'object') message.dueAt = world.clock() + handled.againAfterSeconds * 1_000;
  }

  return {
    miss,
    dueTimes: () => messages.map(({ dueAt }) => dueAt),
    takeMessage() {
      const message = messages.find(({ dueAt }) => dueAt <= world.clock());
      if (message === undefined) return;
      message.receives += 1;
      if (message.queue === 'questions' && message.receives > chances.maxReceives) {
        message.queue = 'dead letters';
        world.note('received too often', placeOf(message.question));
        return;
      }
      // A queue may hand out one message to two.
      if (world.fate() === 'arrives') message.dueAt = world.clock() + visibilityMs;
      world.start(async () => handle(message));
    },
  };
}

/** What a worker's write means: its claim, and once it has an answer what it makes of that. */
function eventOf(
  id: string,
  answer: Answer | undefined,
  item: Item,
  { settings, question: { ip, ask: hop } }: { settings: QuerySettings; question: QueuedQuestion },
): Event {
  const { entry: timeoutMinutes, invalid: invalidTimeoutMinutes } = timeoutsOf(settings, hop);
  if (answer === undefined) {
    if (item.query?.id !== id) return { kind: 'abandoned', invalidTimeoutMinutes }; // one claim too many
    return { kind: 'claimed', id, untilAt: item.query.untilAt, invalidTimeoutMinutes };
  }
  const settled = (what: Settled['answer']): Event => ({ kind: 'settled', id, answer: what, invalidTimeoutMinutes });
  if (typeof answer !== 'string') return settled({ kind: 'user', logon: saidBy(hop, answer), timeoutMinutes });
  const kind = answer === 'nobody' ? answer : 'failed';
  // It is asked again, here or where it is handed on to.
  const isOpen = hopAfter(settings, ip, { hop, heard: kind }) !== undefined;
  if (isOpen || (answer === 'busy' && item.state !== 'invalid')) return { kind: 'released', id };
  return settled({ kind, reason: answer });
}

/** JIMS knows nothing of postures, and says that it was it who said so. */
function saidBy(hop: Hop, logon: Logon): Logon {
  if (hop === 'clearpass') return logon;
  const { posture, groups, ...told } = logon;
  const source = 'Juniper Identity Management Service';
  return { ...told, origin: 'identity-management', source, groups: groups.filter((group) => !isPosture(group)) };
}

const isPosture = (group: string) => group.startsWith('posture-');

function askedOf(answer: Exclude<Answer, 'hang'>, { ip, ask }: QueuedQuestion): Asked {
  const elapsedMs = 1;
  if (answer === 'nobody') return { outcome: 'nobody', elapsedMs };
  if (answer === 'busy') return { ...failed('server-busy'), elapsedMs };
  if (answer === 'refused') return { ...failed('question-refused'), elapsedMs };
  const body = ask === 'clearpass' ? { ip, ...recordOf(answer) } : { report_entries: [entryOf(answer, ip)] };
  return { outcome: 'answered', body: new TextEncoder().encode(JSON.stringify(body)), elapsedMs };
}

const recordOf = ({ user, domain, groups, posture, device, instant }: Logon) => ({
  user,
  domain,
  roles: groups.filter((group) => !isPosture(group)),
  spt: posture,
  device_name: device.identity,
  is_online: true,
  updated_at: instant,
});

const entryOf = ({ user, domain, groups, device, instant }: Logon, ip: string) => ({
  'ip-address': ip,
  'user-name': user,
  'domain-name': domain,
  roles: groups.filter((group) => !isPosture(group)),
  'device-name': device.identity,
  timestamp: instant / 1e6,
  activity: 'login',
});

/** Whoever may not get on repeats later, or never. */
function busyOnly(error: unknown): 'busy' {
  if (error instanceof ServiceError && error.code === 'busy') return 'busy';
  throw error;
}

const theOnlyCell = async () => Promise.resolve(0);

/** Here nobody has too many questions. */
const toldNowhere = async () => Promise.resolve();
const countless: QuestionStore = {
  add: async () => Promise.resolve(),
  since: async () => Promise.resolve({ asked: 0, settled: 0 }),
};
