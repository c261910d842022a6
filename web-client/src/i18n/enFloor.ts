/** Queues, emergencies and orders about a floor, in English. */
export const enFloor = {
  "queue.title": "Waiting to talk",
  "queue.count": "{count} waiting",
  "queue.next": "You are next",
  "queue.beforeOne": "1 before you",
  "queue.before": "{count} before you",
  "queue.priority": "Priority {priority}",
  "queue.goAhead": "Go ahead: next to talk",
  "queue.goAheadOf": "Let {name} talk next",
  "queue.preempt": "Talk now: interrupt the talker",
  "queue.preemptFor": "Interrupt the talker for {name}",
  "queue.remove": "Take out of the queue",
  "queue.removeOf": "Take {name} out of the queue",
  "queue.cut": "Cut off",
  "queue.cutTitle": "Take the floor from the talker",

  "emergency.alert": "EMERGENCY",
  "emergency.raise": "Emergency",
  "emergency.cancel": "Cancel emergency",
  "emergency.cancelShort": "Cancel",
  "emergency.hold": "press and hold",
  "emergency.list": "Emergency alerts",

  "order.forbidden": "You may not do that on this channel.",
  "order.notFound": "That has changed already.",
  "order.conflict": "The channel cannot do that now.",
  "order.internalError": "The server could not be asked.",
} satisfies Record<string, string>;
