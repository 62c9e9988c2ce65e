/** The two stacks as CloudFormation gets them, without a bundle: what they say of a function does not depend on its code. */
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';

import { DataStack } from '../../infra/data-stack.ts';
import { ServiceStack } from '../../infra/service-stack.ts';
import { type Asking, askingBy, stageNamed } from '../../infra/stage.ts';

export function stacks(stageName?: string, asking = askingBy()) {
  const stage = stageNamed(stageName);
  const app = new App({ analyticsReporting: false });
  const data = new DataStack(app, 'PosternData', { stage });
  const service = new ServiceStack(app, 'PosternService', {
    stage,
    data,
    asking,
    codeOf: (name) => Code.fromInline(name),
  });
  return { app, data, service };
}

export function templates(stageName?: string, asking?: Asking) {
  const { data, service } = stacks(stageName, asking);
  return { data: Template.fromStack(data), service: Template.fromStack(service) };
}

export interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
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
