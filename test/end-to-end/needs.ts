/**
 * What a story asks of the service under test beyond its API. The runtime on this machine can do all of it; a service at
 * a URL (`POSTERN_URL`) is Postern as it is deployed, so that a story that asks for more is skipped there.
 */

/** Why a service at a URL cannot do it. */
export const beyondTheApi = {
  clock: 'time passes there as it does: nobody moves the clock of functions that run elsewhere',
  schedules: 'its schedules are due by themselves, not when a story says so',
  workers: 'nobody ends a worker of Lambda in mid-work',
  tables: 'its tables and keys are read with credentials of AWS, and a URL is all that is given',
  template: 'its template is deployed already, and is the very one that is under test',
  bus: 'what goes out on its bus is heard by rules of its account',
  logs: 'what its functions write goes to CloudWatch Logs',
  pace: 'an emulator takes minutes over what AWS does in a second, and POSTERN_PACE says that it is one',
  frontDoor: 'which front door it has is not told, nor the address of API Gateway behind it',
  certificate: 'its certificate is what its address has, and none that was made for the story',
  simulators:
    'its functions do not reach ClearPass, JIMS or a switch on this machine: POSTERN_SIMULATORS names an address of this machine that they reach',
} as const;

export type Capability = keyof typeof beyondTheApi;

const { POSTERN_URL: url, POSTERN_SIMULATORS: reached, POSTERN_PACE: pace } = process.env;

/** Where simulators of other products listen, for the functions of the service under test to reach them. */
export const simulators = reached ?? '127.0.0.1';

function can(capability: Capability): boolean {
  if (url === undefined) return true;
  return (capability === 'simulators' && reached !== undefined) || (capability === 'pace' && pace !== 'slow');
}

/** `test` where the service under test can do all of this, and `test.skip` where it cannot. */
export const needs = (...capabilities: readonly Capability[]) => (capabilities.every(can) ? test : test.skip);

/** The same for stories that have their preparations in common. */
export const allNeed = (...capabilities: readonly Capability[]) => (capabilities.every(can) ? describe : describe.skip);
