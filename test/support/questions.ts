/** Questions to ask a ClearPass in tests with: a token that is always asked for, and patience. */
import { addressGuard } from '../../shared/outbound/address-guard.ts';
import type { ClearPassSettings, Question } from '../../shared/outbound/clearpass-client.ts';
import type { Budgets, Reach } from '../../shared/outbound/connection-client.ts';
import type { FindToken } from '../../shared/user-query/tokens.ts';
import type { Door } from '../simulators/clearpass.ts';
import { desk } from './observations.ts';

/** A machine that is busy stands still for seconds: none of these is over in a test of something else. */
export const budgets: Budgets = { connect: 60_000, answer: 60_000, total: 120_000, close: 60_000 };

/** As a stage says that runs on one machine. */
export const reach: Reach = { guard: addressGuard(['127.0.0.0/8', '::1']), budgets };

/** For servers that would never answer. */
export const impatient: Reach = { ...reach, budgets: { ...budgets, answer: 500 } };

/** As long as it is worth waiting for a server that fails for this reason. */
export const reachUntil = (reason: string): Reach => (reason === 'answer-timeout' ? impatient : reach);

export const settingsFor = ({ address, port }: Door, told: Partial<ClearPassSettings> = {}): ClearPassSettings => ({
  server: { name: 'cppm', address, port, connectMethod: 'http' },
  caCertificate: null,
  clientId: 'postern',
  clientSecret: 'hunter2',
  tokenApi: 'api/oauth',
  queryApi: 'api/insight/endpoint/ip/$IP$',
  ...told,
});

/** Every worker for itself. */
export const ownToken: FindToken = async (obtain) => {
  const { text, lifetimeSeconds } = await obtain();
  return { text, revision: text, obtainedAt: 0, expiresAt: lifetimeSeconds * 1_000 };
};

export const aKnownToken: FindToken = async () =>
  Promise.resolve({ text: 'known', revision: 'known', obtainedAt: 0, expiresAt: 1_000 });

export const aQuestion = (door: Door, told: Partial<ClearPassSettings> = {}): Question => ({
  settings: settingsFor(door, told),
  ip: desk,
  findToken: ownToken,
});
