/** Which admission policy acts on a message: the first that matches, in order. */
import type { AdmissionPolicy } from '../configuration/threat-response.ts';
import type { Hold } from '../endpoints/endpoint.ts';
import { templateName } from './shipped-templates.ts';

export interface ChosenBy {
  readonly template: string;
  readonly event: string;
  readonly severity: string | null;
}

export type Choice =
  | { readonly policy: AdmissionPolicy }
  /** No policy is for this message: it is logged, and nothing is done. */
  | 'none'
  /** The first policy for it depends on the roles of a login that nobody knows yet. */
  | 'needs-roles';

/** `roles`: as mapped at the login, so never the quarantine role; `undefined`: no session is known. */
export function choosePolicy(
  policies: readonly AdmissionPolicy[],
  message: ChosenBy,
  roles: readonly string[] | undefined,
): Choice {
  for (const policy of policies) {
    if (!isFor(policy, message)) continue;
    const fits = fitsRoles(policy, roles);
    if (fits === 'unknown') return 'needs-roles';
    if (fits === 'fits') return { policy };
  }
  return 'none';
}

const isFor = ({ template, event, severity }: AdmissionPolicy, message: ChosenBy): boolean =>
  templateName(template) === templateName(message.template) &&
  event.toLowerCase() === message.event.toLowerCase() &&
  (severity === 'any' || severity.toLowerCase() === message.severity?.toLowerCase());

/** Only what keeps somebody out asks who it is: a clear reaches everybody. */
function fitsRoles({ action, scope }: AdmissionPolicy, roles: readonly string[] | undefined) {
  if (scope.roles === 'all' || (action !== 'quarantine' && action !== 'block')) return 'fits';
  if (roles === undefined) return 'unknown';
  const isSelected = roles.some((role) => scope.names.includes(role));
  return isSelected === (scope.roles === 'selected') ? 'fits' : 'passes-by';
}

/** Whether some policy may open a reason of this kind on the message, whoever logs in. */
export const mayOpen = (policies: readonly AdmissionPolicy[], message: ChosenBy, hold: Hold): boolean =>
  policies.some((policy) => isFor(policy, message) && policy.action === (hold === 'blocked' ? 'block' : 'quarantine'));
