/** What a webhook is told, in our own words. Members are added; one that changes its meaning raises the version. */
export type WebhookEvent = HostEvent | TestEvent;

export interface HostEvent {
  readonly type: 'host.quarantined' | 'host.blocked' | 'host.freed';
  readonly version: 1;
  /** When it was found, ISO 8601 in UTC. */
  readonly timestamp: string;
  readonly data: {
    readonly operation: string;
    readonly connector: string;
    readonly ip: string;
    readonly mac: string | null;
    readonly state: 'free' | 'quarantined' | 'blocked';
    readonly formerState: 'free' | 'quarantined' | 'blocked';
    /** 1 to 10. */
    readonly threatLevel: number;
    readonly threatName: string | null;
  };
}

/** Nothing is to be done about it. */
export interface TestEvent {
  readonly type: 'connector.test';
  readonly version: 1;
  readonly timestamp: string;
  readonly data: { readonly connector: string };
}

export const typeOf = { free: 'host.freed', quarantined: 'host.quarantined', blocked: 'host.blocked' } as const;
