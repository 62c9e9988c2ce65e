/**
 * Whoever leaves changes of authorization on an endpoint says so here. It is said to make it quick, not to make it sure:
 * what got lost is found by the site's next poll, or by the worker that looks for what is due, so no act fails by it.
 */
import type { ThreatResponse } from '../configuration/threat-response.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { ChangeMessage } from './change-message.ts';
import type { Mac } from './mac.ts';

export interface ChangeNotifier {
  /** Never throws. */
  readonly changed: (tenant: TenantId, mac: Mac) => Promise<void>;
}

export interface ChangeQueue {
  readonly send: (message: ChangeMessage, delaySeconds: number) => Promise<void>;
}

export interface ChangeWay {
  /** Says who tells the switches of the tenant. */
  readonly settingsOf: (tenant: TenantId) => Promise<Pick<ThreatResponse<never, never>, 'changeOfAuthorization'>>;
}

export interface NotifyingByQueue extends ChangeWay {
  readonly queue: ChangeQueue;
  /** Hears of what could not be sent. */
  readonly unsent: (message: ChangeMessage, error: unknown) => void;
}

/** Where the site's own RADIUS server tells the switches, it polls, and needs no message. */
export const changeNotifier = ({ queue, settingsOf, unsent }: NotifyingByQueue): ChangeNotifier => ({
  async changed(tenant, mac) {
    const message = { tenant, mac };
    try {
      const { changeOfAuthorization } = await settingsOf(tenant);
      if (changeOfAuthorization === 'direct') await queue.send(message, 0);
    } catch (error) {
      unsent(message, error);
    }
  },
});
