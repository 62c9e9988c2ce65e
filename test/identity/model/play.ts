/** How a scenario is played: everybody acts at once, and then it gets quiet. */
import { never } from '../../../shared/identity/entry.ts';
import { hours } from '../../support/observations.ts';
import { aSecondary, jimsWith, querySettingsWith } from '../../support/query-settings.ts';
import { changeBySteps } from './change-by-steps.ts';
import { type Questions, questionsBySteps } from './questions-by-steps.ts';
import { type Move, places, type Scenario, type Setting } from './scenario.ts';
import { asBuilt, type Keeping, newWorld, type World } from './world.ts';

/** Plays a scenario to its end. Throws where the table ever shows what it may not. */
export async function play(scenario: Scenario, keeping: Keeping = asBuilt): Promise<readonly string[]> {
  const { senders, missers, takings, maxReceives, moves } = scenario;
  const [steps, fates] = [scenario.steps.values(), scenario.fates.values()];
  const chances = {
    step: (count: number) => (steps.next().value ?? 0) % count,
    fate: () => fates.next().value ?? 'arrives',
  };
  const world = newWorld(places, chances, keeping);
  const settings = inTurn(scenario.settings);
  const questions = questionsBySteps(world, {
    answer: inTurn(scenario.answers),
    settings: () => settingsOf(settings()),
    skewMs: inTurn(scenario.skews),
    latency: inTurn(scenario.latencies),
    maxReceives,
  });

  for (const [index, { skewMs, errands }] of senders.entries()) {
    const actor = { name: `sender ${index + 1}`, skewMs };
    world.start(async () => {
      for (const number of errands) {
        const errand = scenario.errands[number % scenario.errands.length];
        if (errand) await changeBySteps(world, actor, errand.tenant, errand.changes);
      }
    });
  }
  for (const [index, { skewMs, visits }] of missers.entries()) {
    const actor = { name: `misser ${index + 1}`, skewMs };
    world.start(async () => {
      for (const { place, kind } of visits) await questions.miss(actor, place, kind);
    });
  }
  world.start(async () => timeGoesBy(world, questions, moves));
  world.start(async () => messagesAreTaken(world, questions, takings));
  await world.run();
  return untilQuiet(world, questions);
}

/** The values one after another, and from the first on again. */
function inTurn<Value>(values: readonly [Value, ...Value[]]): () => Value {
  let next = -1;
  return () => values[(next += 1) % values.length] ?? values[0];
}

const settingsOf = ({ entryTimeout, invalidTimeout, delay, asked }: Setting) =>
  querySettingsWith(
    { enabled: asked !== 'jims', delayQueryTime: delay },
    {
      entryTimeoutMinutes: entryTimeout,
      invalidTimeoutMinutes: invalidTimeout,
      identityManagement: jimsWith({
        enabled: asked !== 'clearpass',
        entryTimeout,
        invalidEntryTimeout: invalidTimeout,
        secondary: asked === 'both-and-secondary' ? aSecondary : null,
        ipQuery: { enabled: true, queryDelayTime: delay, maxConnections: 20 },
      }),
    },
  );

async function messagesAreTaken(world: World, questions: Questions, takings: number) {
  for (let taken = 0; taken < takings; taken += 1) {
    await world.turn();
    questions.takeMessage();
  }
}

/** Nobody tells or asks any more. Once no message is left, an hour is enough for whatever was being asked. */
async function untilQuiet(world: World, questions: Questions) {
  for (let due = questions.dueTimes(); due.length > 0; due = questions.dueTimes()) {
    const next = Math.min(...due);
    await world.moveClock((clock) => Math.max(clock, next));
    for (const at of due) if (at <= world.clock()) questions.takeMessage();
    await world.run();
  }
  await world.moveClock((clock) => clock + hours(1));
  await world.expectQuiet();
  return world.run();
}

async function timeGoesBy(world: World, questions: Questions, moves: readonly Move[]) {
  for (const move of moves) {
    await world.turn();
    if (move !== 'sweep') {
      await world.moveClock((clock, ends) =>
        moved[move](clock, nextOf(move === 'message' ? questions.dueTimes() : ends, clock)),
      );
    }
    if (move === 'sweep' || move === 'half-day' || move === 'day') await world.sweep();
  }
}

const moved: Record<Exclude<Move, 'sweep'>, (clock: number, next: number) => number> = {
  moment: (clock) => clock + 1,
  'before-end': (_, next) => next - 500,
  end: (_, next) => next,
  message: (_, next) => next,
  'half-day': (clock) => clock + hours(12),
  day: (clock) => clock + hours(25),
};

/** The next time that lies far enough ahead; where there is none, a second from now. */
function nextOf(times: readonly number[], clock: number) {
  const ahead = times.filter((at) => at > clock + 500 && at < never);
  return ahead.length > 0 ? Math.min(...ahead) : clock + 1_000;
}
