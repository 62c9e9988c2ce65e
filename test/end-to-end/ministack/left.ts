/** What there is on MiniStack, whoever made it: for tests of what a removal leaves behind. */

/** Listings of services that speak JSON: the target that asks for one, and how what it lists is called there. */
const listings = [
  { service: 'dynamodb', target: 'DynamoDB_20120810.ListTables', list: 'TableNames' },
  { service: 'sqs', target: 'AmazonSQS.ListQueues', list: 'QueueUrls' },
  { service: 'logs', target: 'Logs_20140328.DescribeLogGroups', list: 'logGroups', name: 'logGroupName' },
  { service: 'secretsmanager', target: 'secretsmanager.ListSecrets', list: 'SecretList', name: 'Name' },
  { service: 'events', target: 'AWSEvents.ListRules', list: 'Rules', name: 'Name' },
  { service: 'kms', target: 'TrentService.ListKeys', list: 'Keys', name: 'KeyId' },
] as const;

/** One line for each thing that is there: the service and its name. A key that only waits to be deleted is none. */
export async function whatIsOn(url: string): Promise<readonly string[]> {
  const found = await Promise.all([
    ...listings.map(async ({ service, target, list, ...rest }) => {
      const items = ((await ask(url, service, target))[list] ?? []) as (string | Record<string, string>)[];
      return items.map((item) => `${service} ${typeof item === 'string' ? item : (item['name' in rest ? rest.name : ''] ?? '')}`); // prettier-ignore
    }),
    functionsOn(url),
  ]);
  const lines = found.flat().sort();
  const going = await Promise.all(lines.map(async (line) => line.startsWith('kms ') && isGoing(url, line.slice(4))));
  return lines.filter((_, index) => going[index] === false);
}

/** From now on no schedule begins anything: MiniStack lets a function that outlives its log group write that anew. */
export async function stopSchedules(url: string): Promise<void> {
  const { Rules } = await ask(url, 'events', 'AWSEvents.ListRules');
  for (const { Name } of Rules as readonly { Name: string }[]) {
    await ask(url, 'events', 'AWSEvents.DisableRule', { Name });
  }
}

async function isGoing(url: string, KeyId: string): Promise<boolean> {
  const { KeyMetadata } = await ask(url, 'kms', 'TrentService.DescribeKey', { KeyId });
  return (KeyMetadata as { KeyState: string }).KeyState === 'PendingDeletion';
}

async function functionsOn(url: string): Promise<readonly string[]> {
  const answer = await fetch(`${url}/2015-03-31/functions/`, { headers: signed('lambda') });
  const { Functions } = (await answer.json()) as { Functions: readonly { FunctionName: string }[] };
  return Functions.map(({ FunctionName }) => `lambda ${FunctionName}`);
}

async function ask(url: string, service: string, target: string, body: object = {}) {
  const headers = { ...signed(service), 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': target };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return (await answer.json()) as Record<string, unknown>;
}

/** MiniStack finds the service in it, and lets its administrator in without a signature that fits. */
const signed = (service: string) => ({
  Authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=none`,
});
