/** The stacks as CloudFormation gets them, without a bundle: what they say of a function does not depend on its code. */
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';

import { mostCells } from '../../infra/stage.ts';
import { stacksOf } from '../../infra/stacks.ts';

/** What `cdk -c NAME=VALUE` says. */
export type ContextValues = Readonly<Record<string, string>>;

export function stacks(context: ContextValues = {}) {
  const app = new App({ analyticsReporting: false, context });
  return { app, ...stacksOf(app, (name) => Code.fromInline(name)) };
}

export function templates(context?: ContextValues) {
  const { data, workers, service, watch, network, firewall, frontDoor } = stacks(context);
  return {
    data: Template.fromStack(data),
    workers: Template.fromStack(workers),
    service: Template.fromStack(service),
    watch: Template.fromStack(watch),
    ...(network && { network: Template.fromStack(network) }),
    ...(firewall && { firewall: Template.fromStack(firewall) }),
    ...(frontDoor && { frontDoor: Template.fromStack(frontDoor) }),
  };
}

/** Each stage, and each option that adds resources: the rules of the template hold for all of them. */
export const everyDeployment: readonly ContextValues[] = [
  { stage: 'sandbox' },
  { stage: 'sandbox', egress: 'fixed', firewall: 'on' },
  { stage: 'production' },
  { stage: 'production', queryCells: String(mostCells), alarmEmail: 'ops@example.net' },
];

/** Whatever stacks there are. */
export function everyTemplate(context?: ContextValues) {
  const { app } = stacks(context);
  return app.node.children
    .filter((child) => Stack.isStack(child))
    .map((stack) => ({ name: stack.node.id, stack, template: Template.fromStack(stack) }));
}

export interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** The resources of a type by the names that the stack gave them, which come without CloudFormation's hash. */
export function resources(template: Template, type: string): Map<string, Resource> {
  const found = template.findResources(type) as Record<string, Resource>;
  return new Map(Object.entries(found).map(([id, resource]) => [nameIn(id), resource]));
}

/** The resource that a property refers to, by `Ref`, `Fn::GetAtt` or an import from the other stack. */
export function referred(property: unknown): string {
  const reference = property as { Ref?: string; 'Fn::GetAtt'?: [string, string]; 'Fn::ImportValue'?: string };
  const imported = /ExportsOutput(?:Ref|FnGetAtt)(\w+?[0-9A-F]{8})/.exec(reference['Fn::ImportValue'] ?? '')?.[1];
  return nameIn(reference.Ref ?? reference['Fn::GetAtt']?.[0] ?? imported ?? JSON.stringify(property));
}

const nameIn = (logicalId: string) => logicalId.replace(/[0-9A-F]{8}$/, '');
