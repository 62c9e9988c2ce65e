/** Sends an endpoint's changes of authorization to its switches ourselves, one after another, as long as some are due. */
import type { RadiusClient, ThreatResponse } from '../configuration/threat-response.ts';
import { radiusSecretName } from '../configuration/configuration-secrets.ts';
import { formerSecrets, type SecretOpener, type SecretReference } from '../outbound/secrets.ts';
import type { Debug } from '../journal/debug.ts';
import type { Measure } from '../journal/measure.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { answeredBySwitch, handedOver } from './change-debugging.ts';
import type { ChangeMessage } from './change-message.ts';
import type { ChangeQueue } from './change-notifier.ts';
import type { ChangeRequest } from './change-request.ts';
import { nextChangeAt } from './changes.ts';
import { advanceEndpoint, type EndpointTable } from './endpoint-table.ts';
import type { ChangeAnswer } from './events.ts';
import { measuredAnswer, measuredSending } from './measure-changes.ts';
import { takeChange, type TakenChange } from './take-change.ts';

export interface SendChanges extends EndpointTable {
  readonly settingsOf: (tenant: TenantId) => Promise<Pick<ThreatResponse<SecretReference | null, unknown>, 'changeOfAuthorization' | 'radiusClients'>>; // prettier-ignore
  readonly secrets: SecretOpener;
  readonly switches: SwitchTeller;
  readonly queue: ChangeQueue;
  readonly debug: Debug;
  readonly measure: Measure;
}

export interface SwitchTeller {
  /** Never throws: a switch that cannot be reached does not answer, and `detail` says why. */
  readonly tell: (asked: ToldSwitch) => Promise<ChangeAnswer>;
}

export interface ToldSwitch {
  readonly server: { readonly address: string; readonly port: number };
  readonly request: ChangeRequest;
  /** The secret, then those that may stand in for it: a switch is silent to one that it does not have. */
  readonly secrets: readonly [string, ...string[]];
}

/** The longest that a switch is waited for, and what is written before and after it. */
const longestTellMs = 6_000;

/** So long nobody else sends it: a worker that ended in between has forgotten it by then. */
const leaseMs = 15_000;

/** The longest that SQS delays a message. */
const longestDelaySeconds = 900;

/**
 * A message that finds nothing to send is done with: whoever sent the last change left one for the next, and every
 * minute a worker looks for what was lost (`announce-changes.ts`). So messages never multiply.
 */
export async function sendChanges(
  deps: SendChanges,
  { tenant, mac }: ChangeMessage,
  deadlineAt: number,
): Promise<'done'> {
  const { changeOfAuthorization, radiusClients } = await deps.settingsOf(tenant);
  if (changeOfAuthorization !== 'direct') return 'done';
  let nextAt: number | undefined;
  while (deps.now() + longestTellMs < deadlineAt) {
    const taken = await takeChange(deps, tenant, { mac, clients: radiusClients, leaseMs });
    if (taken === undefined) break;
    deps.measure(tenant, deps.now(), measuredSending(taken.change));
    await deps.debug.say(tenant, () => handedOver(taken));
    const answer = await asked(deps, tenant, taken);
    await deps.debug.say(tenant, () => answeredBySwitch(taken.change, answer));
    const told = await advanceEndpoint(deps, tenant, mac, {
      kind: 'change-answered',
      changeId: taken.change.id,
      answer,
    });
    const now = told?.endpoint.changes.find(({ id }) => id === taken.change.id);
    if (now) deps.measure(tenant, deps.now(), measuredAnswer(now));
    nextAt = told && nextChangeAt(told.endpoint, deps.now());
  }
  if (nextAt === undefined) return 'done';
  const seconds = Math.ceil(Math.max(0, nextAt - deps.now()) / 1_000);
  await deps.queue.send({ tenant, mac }, Math.min(longestDelaySeconds, seconds));
  return 'done';
}

type KnownClient = RadiusClient<SecretReference | null>;

async function asked(
  { secrets, switches, now }: SendChanges,
  tenant: TenantId,
  { client, server, request }: TakenChange<KnownClient>,
): Promise<ChangeAnswer> {
  const purpose = { tenant, name: radiusSecretName(client.name) };
  const secret = client.secret && (await secrets.open(purpose, client.secret));
  if (!secret) return { result: 'timeout', errorCause: null, roundTripMs: null, detail: 'no-secret' };
  const known: [string, ...string[]] = [secret.text];
  for await (const former of formerSecrets(secrets, purpose, secret, now)) known.push(former);
  return switches.tell({ server, request, secrets: known });
}
