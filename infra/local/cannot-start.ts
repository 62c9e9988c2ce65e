/** Why the service cannot start on this machine, in one line that says what to do about it. */
export class CannotStart extends Error {
  override name = 'CannotStart';
}
