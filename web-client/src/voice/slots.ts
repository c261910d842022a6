/** Which channel each receiving slot hears; null is free. Slot 0 is the one a phone talks in. */
export type Slots = readonly (string | null)[];

export function freeSlots(count: number): Slots {
  return new Array<string | null>(count).fill(null);
}

export function slotOf(slots: Slots, channelId: string): number | null {
  const slot = slots.indexOf(channelId);
  return slot < 0 ? null : slot;
}

/** The slot a channel would take: the one it has, else the first free one, else null. */
export function slotFor(slots: Slots, channelId: string): number | null {
  return slotOf(slots, channelId) ?? firstFree(slots);
}

function firstFree(slots: Slots): number | null {
  const slot = slots.indexOf(null);
  return slot < 0 ? null : slot;
}

export function withSlot(slots: Slots, slot: number, channelId: string | null): Slots {
  return slots.map((held, index) => {
    if (index === slot) return channelId;
    return held === channelId ? null : held;
  });
}

/** Channels that no longer exist give their slots back. */
export function withoutMissing(slots: Slots, known: readonly string[]): Slots {
  return slots.map((held) => (held !== null && known.includes(held) ? held : null));
}
