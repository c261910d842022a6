import { log, reasonOf } from "../lib/log";
import { Store } from "../lib/store";

export type Signal = "granted" | "denied" | "queued" | "revoked" | "limitNear" | "emergency";

interface Tone {
  frequencyHz: number;
  startMs: number;
  lengthMs: number;
}

const tones: Record<Signal, Tone[]> = {
  granted: [
    { frequencyHz: 880, startMs: 0, lengthMs: 60 },
    { frequencyHz: 1320, startMs: 70, lengthMs: 70 },
  ],
  denied: [
    { frequencyHz: 330, startMs: 0, lengthMs: 130 },
    { frequencyHz: 262, startMs: 160, lengthMs: 200 },
  ],
  queued: [
    { frequencyHz: 660, startMs: 0, lengthMs: 60 },
    { frequencyHz: 660, startMs: 110, lengthMs: 60 },
  ],
  emergency: [
    { frequencyHz: 1568, startMs: 0, lengthMs: 180 },
    { frequencyHz: 1047, startMs: 200, lengthMs: 180 },
    { frequencyHz: 1568, startMs: 400, lengthMs: 180 },
    { frequencyHz: 1047, startMs: 600, lengthMs: 180 },
  ],
  revoked: [{ frequencyHz: 294, startMs: 0, lengthMs: 320 }],
  limitNear: [
    { frequencyHz: 1047, startMs: 0, lengthMs: 50 },
    { frequencyHz: 1047, startMs: 120, lengthMs: 50 },
  ],
};

const vibrations: Record<Signal, number[]> = {
  granted: [40],
  denied: [90, 60, 90],
  queued: [40, 60, 40],
  revoked: [220],
  emergency: [200, 100, 200, 100, 400],
  limitNear: [30, 60, 30],
};

const toneGain = 0.12;

/**
 * Plays every slot on its own media element and the signal tones. Browsers give sound to a page only after a gesture:
 * until then it is locked and the page asks for a tap.
 */
export class Loudspeaker {
  readonly locked = new Store(true);
  private readonly context = new AudioContext();
  private readonly elements: HTMLAudioElement[] = [];
  private silent: MediaStreamTrack | null = null;

  constructor() {
    this.context.addEventListener("statechange", this.watch);
    this.watch();
    // Where the browser needs no gesture (its own policy, or a former one) the page opens without asking.
    void this.context.resume().catch(() => undefined);
  }

  /** Must be called from within a gesture's handler. */
  async unlock(): Promise<void> {
    await this.context.resume().catch((thrown: unknown) => log("loudspeaker", reasonOf(thrown)));
    this.playAll();
    this.watch();
  }

  /** Attaches a slot's track to its media element, which plays as soon as it may. */
  attach(slot: number, track: MediaStreamTrack): void {
    const element = this.elements[slot] ?? this.create(slot);
    element.srcObject = new MediaStream([track]);
    if (!this.locked.get()) this.play(element);
  }

  signal(signal: Signal): void {
    if ("vibrate" in navigator && navigator.userActivation.hasBeenActive) navigator.vibrate(vibrations[signal]);
    if (this.context.state !== "running") return;
    for (const tone of tones[signal]) this.sound(tone);
  }

  /** A track that is silent for ever, for the end of a burst. */
  silence(): MediaStreamTrack {
    if (this.silent !== null) return this.silent;
    const destination = this.context.createMediaStreamDestination();
    const source = new ConstantSourceNode(this.context, { offset: 0 });
    source.connect(destination);
    source.start();
    const [track] = destination.stream.getAudioTracks();
    if (track === undefined) throw new Error("an audio destination without a track");
    this.silent = track;
    return track;
  }

  /** Silences the page for good. */
  stop(): void {
    for (const element of this.elements) {
      element.srcObject = null;
      element.remove();
    }
    this.context.removeEventListener("statechange", this.watch);
    this.context.close().catch((thrown: unknown) => log("loudspeaker", reasonOf(thrown)));
  }

  private create(slot: number): HTMLAudioElement {
    const element = document.createElement("audio");
    element.autoplay = true;
    element.setAttribute("playsinline", "");
    element.dataset["slot"] = String(slot);
    document.body.append(element);
    this.elements[slot] = element;
    return element;
  }

  private play(element: HTMLAudioElement): void {
    element.play().catch((thrown: unknown) => {
      // A play that a newer one replaced is no refusal.
      if (thrown instanceof DOMException && thrown.name === "NotAllowedError") this.locked.set(true);
    });
  }

  private playAll(): void {
    for (const element of this.elements) if (element.srcObject !== null) this.play(element);
  }

  private readonly watch = (): void => {
    const locked = this.context.state !== "running";
    if (!locked) this.playAll();
    this.locked.set(locked);
  };

  private sound(tone: Tone): void {
    const startS = this.context.currentTime + tone.startMs / 1000;
    const endS = startS + tone.lengthMs / 1000;
    const oscillator = this.context.createOscillator();
    const gain = this.context.createGain();
    oscillator.frequency.value = tone.frequencyHz;
    gain.gain.setValueAtTime(0, startS);
    gain.gain.linearRampToValueAtTime(toneGain, startS + 0.008);
    gain.gain.setValueAtTime(toneGain, endS - 0.012);
    gain.gain.linearRampToValueAtTime(0, endS);
    oscillator.connect(gain).connect(this.context.destination);
    oscillator.start(startS);
    oscillator.stop(endS);
  }
}
