/** The bytes are no RADIUS packet, or cannot be made into one. */
export class MalformedPacketError extends Error {
  override get name() {
    return 'radius-packet-malformed';
  }
}
