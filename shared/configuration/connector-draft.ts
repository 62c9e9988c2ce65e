/** A draft of a connector, held to all that it would be held to in the configuration, and told step by step as its form asks. */
import * as v from 'valibot';
import { foldCase } from '../identity/fold-case.ts';
import type { SecretReference } from '../outbound/secrets.ts';
import type { Violation } from '../service-error.ts';
import { checkDocument } from './check-document.ts';
import { shown } from './configuration-secrets.ts';
import type { PostedSecret } from './configuration-schema.ts';
import type { Configuration } from './configuration.ts';
import { isObject } from './readable.ts';
import { connector as connectorSchema } from './threat-response-schema.ts';
import type { Connector } from './threat-response.ts';

export const draftSteps = ['general', 'networkDetails', 'configuration'] as const;
type Step = (typeof draftSteps)[number];

export interface CheckedDraft {
  readonly steps: Readonly<Record<Step, readonly Violation[]>>;
  /** There only where nothing is wrong. */
  readonly connector?: Connector<PostedSecret>;
  /** The secret of the connector in whose place it would stand, as it may be used with it. */
  readonly kept: SecretReference | null;
}

/** It takes the place of the connector that has its name. */
export function checkDraft(holds: Configuration, draft: unknown): CheckedDraft {
  const name = isObject(draft) && typeof draft.name === 'string' ? foldCase(draft.name) : undefined;
  const isReplaced = (each: { readonly name: string }) => foldCase(each.name) === name;
  const { threatResponse, ...rest } = shown(holds);
  const others = threatResponse.connectors.filter((each) => !isReplaced(each));
  const { violations } = checkDocument(
    { ...rest, threatResponse: { ...threatResponse, connectors: [...others, draft] } },
    holds,
  );
  const root = `/threatResponse/connectors/${others.length}`;
  const told = violations
    .filter(({ pointer }) => pointer === root || pointer.startsWith(`${root}/`))
    .map(({ pointer, ...violation }) => ({ pointer: pointer.slice(root.length), ...violation }));
  const { success, output } = v.safeParse(connectorSchema, draft);
  return {
    steps: {
      general: told.filter(({ pointer }) => stepOf(pointer) === 'general'),
      networkDetails: told.filter(({ pointer }) => stepOf(pointer) === 'networkDetails'),
      configuration: told.filter(({ pointer }) => stepOf(pointer) === 'configuration'),
    },
    kept: holds.threatResponse.connectors.find(isReplaced)?.password ?? null,
    ...(success && told.length === 0 && { connector: output }),
  };
}

function stepOf(pointer: string): Step {
  if (/^\/subnets(\/|$)/.test(pointer)) return 'networkDetails';
  return /^\/settings(\/|$)/.test(pointer) ? 'configuration' : 'general';
}
