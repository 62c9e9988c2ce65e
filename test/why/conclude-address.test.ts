/** The first sentence about an address, for everything that may have become of whoever is missed there. */
import { type Configuration, defaults } from '../../shared/configuration/configuration.ts';
import type { Event } from '../../shared/identity/advance.ts';
import { type AddressCode, concludeAddress } from '../../shared/why/conclude-address.ts';
import { aLogon, deleted, minutes, noon, told } from '../support/observations.ts';
import { at, factsOf, itemOf, logoff, logon, type Step, type Told } from './facts.ts';

const missed: Event = { kind: 'missed', delayMs: 15_000 };
const claimed: Event = { kind: 'claimed', id: 'worker', untilAt: noon + minutes(1), invalidTimeoutMinutes: 30 };
const abandoned: Event = { kind: 'abandoned', invalidTimeoutMinutes: 30 };
/** Asked about at noon; what came of it. */
const asked = (reason: string, invalidTimeoutMinutes = 30): readonly Step[] => [
  [0, missed],
  [0, claimed],
  [0, { kind: 'settled', id: 'worker', answer: { kind: 'nobody', reason }, invalidTimeoutMinutes }],
];

const { userQuery } = defaults.clearpass;
const server = { name: 'cppm', address: 'clearpass.example.net', port: 443, connectMethod: 'https' } as const;
const queryOn: Configuration = {
  ...defaults,
  clearpass: { ...defaults.clearpass, userQuery: { ...userQuery, enabled: true, server } },
};
const excluding: Configuration = { ...defaults, webApi: { ...defaults.webApi, excludeAddresses: ['192.0.2.0/24'] } };
const localOff: Configuration = { ...defaults, priorities: { ...defaults.priorities, local: 0 } };
const ofLocal = at('local', itemOf([0, logon(0, { origin: 'local', user: 'carol' })]));
const gone: readonly Step[] = [
  [0, logon(0)],
  [5, logoff(5)],
];

test.each<[string, AddressCode, Told, RegExp]>([
  ['somebody is there', 'known', { steps: [[0, logon(0)]] }, /^alice \(acme\) has been at 192.0.2.50 since 2026-03-01T12:00:00.000Z \(10 minutes ago\), told by Aruba ClearPass. It ends 2026-03-01T12:30:00.000Z \(in 20 minutes\)/],
  ['somebody is there for ever', 'known', { steps: [[0, told(aLogon(), 0)]], now: 9_999 }, /It never expires\.$/],
  ['another user took the place', 'known', { steps: [[0, logon(0)], [5, logon(5, { user: 'bob' })]] }, /^bob .* Before, ClearPass told of alice \(acme\); then another logon took the place/],
  ['ClearPass came over Active Directory', 'known', { steps: [[0, logon(0, { origin: 'active-directory' })], [5, logon(5)]] }, /Before, Active Directory told of alice/],
  ['JIMS came over ClearPass: the latest stands', 'known', { steps: [[0, logon(0)], [5, logon(5, { origin: 'identity-management', source: 'JIMS' })]] }, /told by JIMS\. .* Before, ClearPass told/],
  ['the local word is there, and user query is on', 'not-read', { others: [ofLocal], configuration: queryOn }, /the local table tells of carol \(acme\), but is not read: user query is on/],
  ['the local word is there, and its priority is 0', 'not-read', { others: [ofLocal], configuration: localOff }, /its priority is 0 \(priorities\.local\)/],
  ['a query waits for its delay', 'question-waiting', { steps: [[9, missed]], now: 9 }, /will be asked about soon/],
  ['a worker asks', 'question-open', { steps: [[0, missed], [0, claimed]], now: 1 }, /is being asked about/],
  ['ClearPass knew nobody', 'nobody-found', { steps: asked('no-record') }, /it was asked about at 2026-03-01T12:00:00.000Z \(10 minutes ago\), and ClearPass knew nothing of the address \(no-record\)\. So it is invalid until/],
  ['ClearPass knew a device alone', 'nobody-found', { steps: asked('no-user') }, /knew a device there, and no user \(no-user\)/],
  ['ClearPass knew somebody who left', 'nobody-found', { steps: asked('user-offline') }, /said that the user has left/],
  ['ClearPass knew other addresses', 'nobody-found', { steps: asked('other-address') }, /knew other addresses only/],
  ['ClearPass named somebody who breaks a limit', 'nobody-found', { steps: asked('user-too-long') }, /named nobody who can be taken \(user-too-long\)/],
  ['neither ClearPass nor JIMS knew anybody', 'nobody-found', { steps: asked('no-record, jims: no-record') }, /ClearPass knew nothing of the address \(no-record\), then JIMS knew nothing/],
  ['neither answered', 'question-failed', { steps: asked('connection-timeout, jims: server-failed, jims-secondary: answer-timeout') }, /ClearPass did not answer \(connection-timeout\), then JIMS did not answer \(server-failed\), then the secondary JIMS did not answer \(answer-timeout\)/],
  ['the question failed', 'question-failed', { steps: asked('certificate-refused') }, /ClearPass did not answer \(certificate-refused\)/],
  ['no worker could finish it', 'question-failed', { steps: [[0, missed], [0, abandoned]] }, /no worker could finish the question/],
  ['invalid for good', 'nobody-found', { steps: asked('no-record', 0), now: 9_999 }, /invalid for good/],
  ['the answer was older than a logoff', 'answer-older-than-logoff', { steps: asked('answer-older-than-logoff') }, /had logged off since/],
  ['the address is excluded from posts', 'address-excluded', { configuration: excluding }, /webApi\.excludeAddresses names 192\.0\.2\.0\/24/],
  ['a logoff that named the user', 'logged-off', { steps: [[0, logon(0)], [5, logoff(5, { user: 'alice', domain: 'acme' })]] }, /alice \(acme\), told by Aruba ClearPass, was logged off .*5 minutes ago\) by a logoff of alice \(acme\), of 2026-03-01T12:05/],
  ['a logoff that named nobody', 'logged-off', { steps: gone }, /a logoff that names no user/],
  ['its logon was older than a logoff', 'barred', { steps: [[6, logoff(5)], [7, logon(4)]] }, /the logon of alice \(acme\) of 2026-03-01T12:04:00.000Z.* is older than a logoff that names no user/],
  ['an operator deleted it', 'deleted', { steps: [[0, logon(0)], [5, deleted]] }, /an operator deleted alice \(acme\)/],
  ['it expired', 'expired', { steps: [[0, logon(0)]], now: 60 }, /alice \(acme\) expired 2026-03-01T12:30:00.000Z \(30 minutes ago\), 30 minutes after/],
  ['an entry of an unknown user was refused', 'posts-refused', { story: [{ code: 'timestamp-unreadable', user: 'alice', domain: 'acme', message: 'It cannot be read.' }] }, /an entry of alice \(acme\) was posted .* and not stored \(timestamp-unreadable\): It cannot/],
  ['something was refused after the logoff', 'posts-refused', { steps: gone, story: [{ code: 'user-missing' }, { code: 'user-missing', at: noon + minutes(8) }] }, /not stored, as 1 before it since \(user-missing\)/],
  ['what was refused before the logoff explains nothing', 'logged-off', { steps: gone, story: [{ code: 'user-missing', at: noon + minutes(1) }] }, /logged off/],
  ['a logon that was only stale is not the reason', 'logged-off', { steps: gone, story: [{ code: 'stale' }] }, /logged off/],
  ['a question was lost', 'question-unanswered', { steps: [[0, missed]], now: 60 }, /a question about it was open until/],
  ['what a query found has expired', 'finding-expired', { steps: asked('no-record'), now: 60 }, /knew nothing of the address \(no-record\); that held until .* asked about again/],
  ['too much is asked already', 'too-many-queries', { configuration: queryOn, openQuestions: 2_000 }, /nobody is asked about it now: 2000 questions/],
['too much is asked already, but nobody would be asked', 'never-heard-of', { openQuestions: 2_000 }, /Nobody is asked about it either/],
['nobody ever told of it, and nobody is asked', 'never-heard-of', {}, /Nobody ever told of 192\.0\.2\.50.*Nobody is asked about it either/],
  ['nobody ever told of it, and ClearPass would be asked', 'never-heard-of', { configuration: queryOn }, /then ClearPass would be asked/],
  ['only a logoff was ever told of it', 'never-heard-of', { steps: [[0, logoff(0)]] }, /Only logoffs were told/],
])('%s: %s', (_, code, facts, answer) => {
  const found = concludeAddress(factsOf(facts));

  expect(found.answer).toMatch(answer);
  expect(found.code).toBe(code);
}); // prettier-ignore
