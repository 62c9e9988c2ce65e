import type { ActOnHosts, HostSender } from '../../shared/infected-hosts/act-on-host.ts';
import type { HeldBy } from '../../shared/infected-hosts/host.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import type { EventLine } from '../../shared/journal/event-line.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { fakeHostTable } from './fake-host-store.ts';
import { noon } from './observations.ts';

/** What a poll, a push or an operator needs to act on hosts, and what came of it. */
export function fakeActsOnHosts({ now = () => noon } = {}) {
  const told: { readonly tenant: TenantId; readonly ip: IpAddress }[] = [];
  const lines: (EventLine & { readonly tenant: TenantId })[] = [];
  const withdrawn: string[] = [];
  const asked: IpAddress[] = [];
  const connectors = new Map<IpAddress, string>();
  const holding = new Map<IpAddress, HeldBy>();
  const questions = new Set<string>();
  const answers = new Map<IpAddress, 'approved' | 'rejected'>();
  const deps: ActOnHosts = {
    ...fakeHostTable({ now }),
    notifier: {
      tell: async (tenant, ip) => {
        told.push({ tenant, ip });
        return Promise.resolve();
      },
    },
    guards: {
      hold: async (tenant, ip, { feed, cause }) => {
        asked.push(ip);
        const [by, question] = [holding.get(ip), `${tenant} ${ip} ${feed} ${cause}`];
        if (by === undefined || by === 'allow-list') return Promise.resolve(by ? { by, question: 'none' } : null);
        const isOpen = questions.has(question);
        questions.add(question);
        return Promise.resolve({ by, question: isOpen ? 'open' : 'opened' });
      },
      forbid: async (_tenant, ip) => Promise.resolve(holding.get(ip) === 'allow-list' ? { by: 'allow-list' } : null),
      answerTo: async (_tenant, ip) => Promise.resolve(answers.get(ip) ?? 'none'),
      withdraw: async (tenant, ip, feed) => {
        withdrawn.push(`${tenant} ${ip} ${feed}`);
        return Promise.resolve();
      },
    },
    events: {
      tell: async (tenant, more) => {
        lines.push(...more.map((line) => ({ ...line, tenant })));
        return Promise.resolve();
      },
    },
    connectorOf: async (_tenant, ip) => Promise.resolve(connectors.get(ip) ?? null),
  };
  return { deps, told, lines, withdrawn, asked, connectors, holding, answers };
}

export const byPoll = (cause = 'poll-1'): HostSender => ({
  sender: { kind: 'feed', name: 'atp-cloud' },
  credentialName: null,
  clientAddress: null,
  requestId: null,
  cause,
});

export const byOperator = (cause = 'operator-1'): HostSender => ({
  sender: { kind: 'operator', name: 'ops' },
  credentialName: 'ops',
  clientAddress: '192.0.2.9',
  requestId: 'request-1',
  cause,
});
