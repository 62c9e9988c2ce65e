import { RemovalPolicy } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { NagSuppressions } from 'cdk-nag';
import { Construct } from 'constructs';

import { variables } from '../../shared/contract.ts';

/**
 * What CloudFront shows to the API. Each rotation makes another secret and keeps the one before, and both are taken: the
 * authorizer is deployed before the distribution, and edges learn of a change one after another.
 */
export class OriginSecrets extends Construct {
  /** What the front door shows from now on. */
  readonly current: Secret;
  readonly #former: Secret | undefined;

  constructor(scope: Construct, id: string, number: number) {
    super(scope, id);
    this.current = this.#numbered(number);
    this.#former = number > 1 ? this.#numbered(number - 1) : undefined;
  }

  /** The values come as dynamic references, which CloudFormation replaces: they are in no template. */
  tell(authorizer: LambdaFunction) {
    authorizer.addEnvironment(variables.originSecret, this.current.secretValue.unsafeUnwrap());
    if (this.#former) authorizer.addEnvironment(variables.formerOriginSecret, this.#former.secretValue.unsafeUnwrap());
  }

  get all(): readonly Secret[] {
    return [this.current, ...(this.#former ? [this.#former] : [])];
  }

  #numbered(number: number) {
    const secret = new Secret(this, `Number${number}`, {
      description: 'Postern: what CloudFront shows to the API',
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    NagSuppressions.addResourceSuppressions(secret, [
      { id: 'AwsSolutions-SMG4', reason: 'It is rotated by a deployment, because CloudFront has to show the new one.' },
    ]);
    return secret;
  }
}
