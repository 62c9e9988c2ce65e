/** Infected hosts to test with. */
import type { Listed } from '../../shared/infected-hosts/events.ts';
import type { InfectedHost, Listing, Operation } from '../../shared/infected-hosts/host.ts';
import { desk, noon } from './observations.ts';

export const aListing = (told: Partial<Listing> = {}): Listing => ({
  level: 7,
  threatName: null,
  listedAt: noon,
  calledForAt: noon,
  spared: null,
  missedAt: null,
  lostAt: null,
  wanted: 'quarantined',
  cause: 'poll-1',
  earlier: [],
  heldBy: null,
  meanwhile: 'free',
  silencedAt: null,
  ...told,
});

export const anOperation = (told: Partial<Operation> = {}): Operation => ({
  id: 'operation-1',
  connector: 'pps',
  device: { at: noon, mac: null },
  wanted: 'quarantined',
  cause: 'poll-1',
  why: 'listed',
  state: 'requested',
  requestedAt: noon,
  attempts: 0,
  sentAt: null,
  nextAt: noon,
  answeredAt: null,
  roundTripMs: null,
  detail: null,
  ...told,
});

export const aHost = (told: Partial<InfectedHost> = {}): InfectedHost => ({
  ip: desk,
  changedAt: noon,
  listings: { 'atp-cloud': aListing() },
  investigation: 'open',
  accused: { at: noon, mac: null },
  operations: [],
  ...told,
});

export const isListed = (told: Partial<Listed> = {}): Listed => ({
  kind: 'listed',
  feed: 'atp-cloud',
  level: 7,
  threatName: null,
  wanted: 'quarantined',
  cause: 'poll-1',
  heldBy: null,
  ...told,
});
