/** Calls out of the console, in English. */
export const enCalls = {
  "dial.title": "Call a number",
  "dial.number": "Number",
  "dial.channel": "Into channel",
  "dial.call": "Call",
  "dial.hangUp": "Hang up",
  "dial.calling": "calling",
  "dial.ringing": "ringing",
  "dial.up": "in the channel",
  "dial.ended": "ended",
  "dial.refused": "refused ({status})",
  "dial.noNumber": "Nobody has this number.",
  "dial.notReachable": "No device is registered, or the trunk cannot be reached.",
  "dial.failed": "The call could not be placed.",
} satisfies Record<string, string>;
