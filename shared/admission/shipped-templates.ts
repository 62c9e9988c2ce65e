/** Templates that every tenant has without listing them. */
import type { Template } from '../configuration/threat-response.ts';

/** The first name is the one that is shown; all of them may stand in clients and policies. */
export interface ShippedTemplate {
  readonly template: Template;
  readonly aliases: readonly string[];
}

/** What Policy Enforcer's connector sends. */
export const policyEnforcer: Template = {
  name: 'JuniperNetworks-Policy Enforcer-HTTP-JSON',
  device: 'Juniper Networks Policy Enforcer',
  protocol: 'http-json',
  severities: ['low', 'medium', 'high'],
  events: [
    { name: 'block-endpoint', aliases: ['events-block-endpoint'], actions: ['block', 'quarantine', 'terminate-session', 'ignore'] }, // prettier-ignore
    { name: 'quarantine-endpoint', aliases: [], actions: ['quarantine', 'block', 'terminate-session', 'ignore'] },
    { name: 'clear-blocked-endpoint', aliases: [], actions: ['clear-block', 'ignore'] },
    { name: 'clear-quarantine-endpoint', aliases: ['clear-quarantined-endpoint'], actions: ['clear-quarantine', 'ignore'] }, // prettier-ignore
  ],
  parse: {
    type: 'json',
    fields: {
      event: '/event',
      endpointIp: '/endpointIp',
      endpointMac: '/endpointMac',
      userName: '/userName',
      severity: '/severity',
      threatName: '/threatName',
      eventId: '/eventId',
      occurredAt: '/occurredAt',
    },
  },
  samples: [
    {
      message:
        '{"event":"quarantine-endpoint","endpointIp":"192.0.2.50","endpointMac":"00:11:22:33:CA:FE","severity":"high"}',
      expect: {
        event: 'quarantine-endpoint',
        endpointIp: '192.0.2.50',
        endpointMac: '00:11:22:33:ca:fe',
        severity: 'high',
      },
    },
  ],
};

/** The second name is the vendor's own, misspelt in its product, so that a set-up can be copied as it is. */
export const shippedTemplates: readonly ShippedTemplate[] = [
  {
    template: policyEnforcer,
    aliases: ['JuniperNerworks-Policy Enforcer-HTTP-JSON', 'Juniper Networks Policy Enforcer'],
  },
];

/** A template by any of its names: a shipped one, or one of the tenant's own. */
export function templateNamed(own: readonly Template[], name: string): Template | undefined {
  const shipped = shippedTemplates.find(({ template, aliases }) => template.name === name || aliases.includes(name));
  return shipped?.template ?? own.find((template) => template.name === name);
}

/** The one name by which a template is known, whichever of its names stands there. */
export const templateName = (name: string): string => templateNamed([], name)?.name ?? name;
