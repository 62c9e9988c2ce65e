/** The plain stack as a Lambda function behind API Gateway. It makes its client at the first request, as ours do. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { APIGatewayProxyResult, APIGatewayProxyWithLambdaAuthorizerEvent } from 'aws-lambda';
import { variables } from '../../shared/contract.ts';
import { plainPost } from './plain-stack.ts';

let client: DynamoDBClient | undefined;

export async function handler(
  event: APIGatewayProxyWithLambdaAuthorizerEvent<{ readonly tenant: string }>,
): Promise<APIGatewayProxyResult> {
  client ??= new DynamoDBClient();
  const table = process.env[variables.entriesTable] ?? '';
  const { tenant } = event.requestContext.authorizer;
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  return { statusCode: 200, body: JSON.stringify(await plainPost({ client, table, tenant }, body, Date.now())) };
}
