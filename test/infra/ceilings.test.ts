/** What CloudFormation, IAM, Lambda and EventBridge refuse for its size, found here and not in the middle of a deployment. */
import type { Template } from 'aws-cdk-lib/assertions';

import { mostCells } from '../../infra/stage.ts';
import { type ContextValues, everyDeployment, everyTemplate, type Resource } from '../support/stacks.ts';

const deployments = everyDeployment.map((context) => [JSON.stringify(context), context] as const);

describe.each(deployments)('deployed with %s', (_, context: ContextValues) => {
  const stacks = everyTemplate(context);

  test('no stack has more than 350 resources: room is left below the 500 of CloudFormation', () => {
    const counts = stacks.map(({ name, template }) => [name, all(template).length] as const);

    expect(counts.filter(([, count]) => count > 350)).toEqual([]);
    expect(counts.every(([, count]) => count > 0)).toBe(true);
  });

  test('no template is near 1 MB, and none has more than 200 outputs or parameters', () => {
    for (const { name, template } of stacks) {
      const { Outputs = {}, Parameters = {} } = template.toJSON() as Record<string, object>;
      const sizes = {
        characters: JSON.stringify(template.toJSON()).length / 5_000,
        ...sizesOf({ Outputs, Parameters }),
      };
      expect([name, Object.entries(sizes).filter(([, size]) => size > 150)]).toEqual([name, []]);
    }
  });

  test('what stands in one role is below the 10,240 characters of IAM, with all names at their longest', () => {
    for (const [id, { Policies = [] }] of of(stacks, 'AWS::IAM::Role')) {
      const length = (Policies as { PolicyDocument: unknown }[]).reduce(
        (sum, { PolicyDocument }) => sum + lengthOf(PolicyDocument),
        0,
      );
      expect({ id, fits: length < 10_240 ? 'yes' : length }).toEqual({ id, fits: 'yes' });
    }
  });

  test('who may call a function fits into the 20,480 characters of its policy', () => {
    const permissions = of(stacks, 'AWS::Lambda::Permission').map(([, { FunctionName }]) =>
      JSON.stringify(FunctionName),
    );
    for (const [name, each] of Map.groupBy(permissions, (name) => name)) {
      expect({ name, fits: each.length * 400 < 20_480 }).toEqual({ name, fits: true });
    }
  });

  test('what a function is told fits into the 4 kB of its environment', () => {
    for (const [id, { Environment }] of of(stacks, 'AWS::Lambda::Function')) {
      expect({ id, fits: lengthOf(Environment ?? {}) < 4_096 }).toEqual({ id, fits: true });
    }
  });

  test('no schedule calls more than the five that EventBridge takes', () => {
    for (const [id, { Targets }] of of(stacks, 'AWS::Events::Rule')) {
      expect({ id, fits: (Targets as unknown[]).length <= 5 }).toEqual({ id, fits: true });
    }
  });

  test('no widget of a dashboard shows more than the 100 alarms that CloudWatch takes', () => {
    const shown = of(stacks, 'AWS::CloudWatch::Dashboard').flatMap(([, { DashboardBody }]) => alarmsIn(DashboardBody));

    expect(shown.length).toBeGreaterThan(0);
    expect(shown.filter((count) => count > 100)).toEqual([]);
  });

  test('the API has at most the 300 paths of a new account, and the policies of queues and keys fit', () => {
    expect(of(stacks, 'AWS::ApiGateway::Resource').length).toBeLessThanOrEqual(300);
    for (const [id, { PolicyDocument }] of of(stacks, 'AWS::SQS::QueuePolicy')) {
      expect({ id, fits: lengthOf(PolicyDocument) < 8_192 }).toEqual({ id, fits: true });
    }
    for (const [id, { KeyPolicy }] of of(stacks, 'AWS::KMS::Key')) {
      expect({ id, fits: lengthOf(KeyPolicy) < 32_768 }).toEqual({ id, fits: true });
    }
  });
});

test('more cells than fit are refused before anything is deployed, with how many do', () => {
  expect(() => everyTemplate({ queryCells: String(mostCells + 1) })).toThrow(`at most ${mostCells}`);
});

const all = (template: Template) =>
  Object.entries((template.toJSON() as { Resources: Record<string, Resource> }).Resources);

const of = (stacks: ReturnType<typeof everyTemplate>, type: string) =>
  stacks.flatMap(({ template }) =>
    all(template)
      .filter(([, { Type }]) => Type === type)
      .map(([id, { Properties }]) => [id, Properties] as const),
  );

const sizesOf = (parts: Readonly<Record<string, object>>) =>
  Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, Object.keys(part).length]));

/** Of the text that AWS gets: what CloudFormation fills in is taken for a long ARN. */
function lengthOf(value: unknown): number {
  return JSON.stringify(value, (_, part: unknown) => (isFilledIn(part) ? 'a'.repeat(110) : part)).length;
}

const isFilledIn = (part: unknown) =>
  typeof part === 'object' &&
  part !== null &&
  Object.keys(part).length === 1 &&
  /^(Ref|Fn::GetAtt|Fn::ImportValue)$/.test(Object.keys(part)[0] ?? '');

/** How many alarms each widget shows. */
function alarmsIn(body: unknown): number[] {
  const { 'Fn::Join': joined } = body as { 'Fn::Join': [string, unknown[]] };
  const text = joined[1].map((part) => (typeof part === 'string' ? part : 'known-at-deployment')).join('');
  const { widgets } = JSON.parse(text) as { widgets: { properties: { alarms?: unknown[] } }[] };
  return widgets.flatMap(({ properties: { alarms } }) => alarms?.length ?? []);
}
