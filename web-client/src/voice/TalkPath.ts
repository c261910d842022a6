import { log, reasonOf } from "../lib/log";

/** How long a burst ends with silence: three frames of 20 ms. */
export const closingSilenceMs = 60;

export interface TalkParts {
  /** The open microphone, or null. */
  microphone(): MediaStreamTrack | null;
  /** A track that is silent for ever. */
  silence(): MediaStreamTrack;
  send(track: MediaStreamTrack | null): Promise<void>;
}

/**
 * Puts the microphone on the wire while a burst lasts. A burst ends with a little silence before nothing is sent any more:
 * a listener's browser draws out whatever sound it got last, up to half a second.
 */
export class TalkPath {
  private talking = false;
  private ending: Promise<void> = Promise.resolve();
  private stop: (() => void) | null = null;

  constructor(private readonly parts: TalkParts) {}

  begin(): void {
    this.talking = true;
    this.stop?.();
    this.renew();
  }

  /** Resolves when the silence behind the last burst is over; those who wait go on in the order in which they asked. */
  ended(): Promise<void> {
    return this.ending;
  }

  /** The microphone is off the wire at once; the silence behind it takes 60 ms. */
  end(): void {
    if (!this.talking) return;
    this.talking = false;
    this.send(this.parts.silence());
    this.ending = new Promise((resolve) => {
      const timer = setTimeout(() => this.stop?.(), closingSilenceMs);
      this.stop = () => {
        this.stop = null;
        clearTimeout(timer);
        if (!this.talking) this.send(null);
        resolve();
      };
    });
  }

  /** The microphone, or the connection that carries it, is another one. */
  renew(): void {
    if (this.stop === null) this.send(this.talking ? this.parts.microphone() : null);
  }

  private send(track: MediaStreamTrack | null): void {
    this.parts.send(track).catch((thrown: unknown) => log("voice", `send: ${reasonOf(thrown)}`));
  }
}
