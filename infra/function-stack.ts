import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

import { ServiceFunction, type ServiceFunctionProps } from './constructs/service-function.ts';
import { type FunctionName, sizes } from './functions.ts';
import type { Stage } from './stage.ts';

export interface FunctionStackProps extends StackProps {
  readonly stage: Stage;
  readonly codeOf: (name: FunctionName) => Code;
}

/** A stack that is made of functions. It holds nothing, so it can be replaced whole. */
export abstract class FunctionStack extends Stack {
  /** By the names that they have in this stack. */
  readonly functions = new Map<string, ServiceFunction>();
  readonly #stage: Stage;
  readonly #codeOf: FunctionStackProps['codeOf'];

  constructor(scope: Construct, id: string, { stage, codeOf, ...props }: FunctionStackProps) {
    super(scope, id, { ...props, terminationProtection: stage.deletionProtection });
    this.#stage = stage;
    this.#codeOf = codeOf;
  }

  protected make(id: string, name: FunctionName, more: Pick<ServiceFunctionProps, 'loops' | 'network'> = {}) {
    const made = new ServiceFunction(this, id, {
      code: this.#codeOf(name),
      stage: this.#stage,
      ...more,
      ...sizes[name],
    });
    this.functions.set(id, made);
    return made;
  }
}
