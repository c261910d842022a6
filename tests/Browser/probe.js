// Added to every page under test before its own scripts: records audio tracks and reads pixels of playing videos.
(() => {
  // The page's own microphone track, remembered as the page opens it.
  let microphone = null;
  const { mediaDevices } = navigator;
  if (mediaDevices) {
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (constraints) => {
      const stream = await open(constraints);
      microphone = stream.getAudioTracks()[0] ?? microphone;
      return stream;
    };
  }

  const watch = { timer: 0, samples: [] };
  const recordings = new Map();
  let nextId = 1;

  const toBase64 = (chunks) => {
    const samples = chunks.reduce((n, c) => n + c.length, 0);
    const bytes = new Uint8Array(samples * 2);
    const view = new DataView(bytes.buffer);
    let at = 0;
    for (const chunk of chunks) {
      for (const sample of chunk) {
        view.setInt16(at, Math.max(-32768, Math.min(32767, Math.round(sample * 32767))), true);
        at += 2;
      }
    }
    let text = '';
    for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
    return btoa(text);
  };

  // Starts recording a track at 48 kHz mono; startedMs is the wall clock of the first sample.
  const start = async (track) => {
    const context = new AudioContext({ sampleRate: 48000 });
    await context.resume();
    const source = context.createMediaStreamSource(new MediaStream([track]));
    const tap = context.createScriptProcessor(1024, 1, 1);
    const recording = { context, source, tap, chunks: [], startedMs: 0, resolved: false };
    tap.onaudioprocess = (event) => {
      if (recording.startedMs === 0) {
        recording.startedMs = performance.timeOrigin + performance.now() - (1024 / 48000) * 1000;
      }
      recording.chunks.push(event.inputBuffer.getChannelData(0).slice());
    };
    source.connect(tap);
    tap.connect(context.destination);
    const id = nextId++;
    recordings.set(id, recording);
    return id;
  };

  window.probe = {
    recordSlot: (slot) => start(window.comms.slots()[slot]),
    recordMicrophone: () => {
      if (!microphone) throw new Error('the page has no microphone track');
      return start(microphone);
    },
    samplesOf: (id) => recordings.get(id).chunks.reduce((n, c) => n + c.length, 0),
    loudestOf: (id, fromSample) => {
      let at = 0;
      let loudest = 0;
      for (const chunk of recordings.get(id).chunks) {
        if (at + chunk.length > fromSample) for (const s of chunk) loudest = Math.max(loudest, Math.abs(s));
        at += chunk.length;
      }
      return loudest;
    },
    stop: async (id) => {
      const recording = recordings.get(id);
      recordings.delete(id);
      recording.tap.disconnect();
      recording.source.disconnect();
      await recording.context.close();
      return { startedMs: recording.startedMs, pcm: toBase64(recording.chunks) };
    },
    // RGB of points given in fractions of the picture, from the newest frame of a <video>.
    pixels: (selector, points) => {
      const video = document.querySelector(selector);
      if (!(video instanceof HTMLVideoElement) || video.videoWidth === 0) return null;
      // The element draws black until the first picture has been presented.
      if (video.getVideoPlaybackQuality().totalVideoFrames === 0) return null;
      const canvas = document.createElement('canvas');
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      const drawing = canvas.getContext('2d');
      drawing.drawImage(video, 0, 0);
      const pixels = points.map(([x, y]) =>
        Array.from(drawing.getImageData(Math.round(x * canvas.width), Math.round(y * canvas.height), 1, 1).data));
      // The size is known before the first picture is there to be drawn: the canvas then stays transparent.
      return pixels.some((pixel) => pixel[3] !== 255) ? null : pixels.map((pixel) => pixel.slice(0, 3));
    },
    // Notes the pixels of every picture that a tile presents, until they are taken.
    watchTile: (id, points) => {
      const selector = `[data-testid="camera-tile-${id}"] video`;
      const watched = [];
      const video = document.querySelector(selector);
      const note = () => {
        if (window.probe.watched[id] !== watched) return;
        watched.push(window.probe.pixels(selector, points));
        video.requestVideoFrameCallback(note);
      };
      window.probe.watched[id] = watched;
      video.requestVideoFrameCallback(note);
    },
    takeWatched: (id) => {
      const watched = window.probe.watched[id];
      delete window.probe.watched[id];
      return watched;
    },
    watched: {},
    // Publishes by WHIP what a simulated camera would draw: camera number and frame number as coloured blocks. Returns the session's URL.
    publish: async (url, token, number) => {
      const canvas = document.createElement('canvas');
      canvas.width = 640;
      canvas.height = 360;
      const drawing = canvas.getContext('2d');
      let frame = 0;
      const block = (index, width, y, colour) => {
        drawing.fillStyle = colour;
        drawing.fillRect(index * width, y, width, y === 0 ? 40 : 24);
      };
      const draw = () => {
        drawing.fillStyle = '#123';
        drawing.fillRect(0, 0, 640, 360);
        const level = (bits, bit) => ((bits >> bit) & 1 ? 255 : 0);
        for (let i = 0; i < 4; i++) {
          const bits = (number >> (3 * (3 - i))) & 7;
          block(i, 40, 0, `rgb(${level(bits, 2)} ${level(bits, 1)} ${level(bits, 0)})`);
        }
        for (let i = 0; i < 12; i++) block(i, 24, 40, `rgb(${level(frame, 11 - i)} ${level(frame, 11 - i)} ${level(frame, 11 - i)})`);
        frame = (frame + 1) % 500;
      };
      draw();
      setInterval(draw, 50);
      const [track] = canvas.captureStream(20).getVideoTracks();
      const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
      window.probe.publisher = peer;
      const sender = peer.addTransceiver(track, { direction: 'sendonly' });
      const codecs = RTCRtpSender.getCapabilities('video').codecs.filter((codec) => codec.mimeType === 'video/H264');
      sender.setCodecPreferences(codecs);
      await peer.setLocalDescription();
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/sdp', authorization: `Bearer ${token}` },
        body: peer.localDescription.sdp,
      });
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
      await peer.setRemoteDescription({ type: 'answer', sdp: await response.text() });
      return response.headers.get('location');
    },
    // Presses the talk button as a finger does and notes when the page shows the grant.
    pressTimed: () =>
      new Promise((resolve, reject) => {
        const now = () => performance.timeOrigin + performance.now();
        const state = document.querySelector('[data-testid=ptt-state]');
        const limit = setTimeout(() => reject(new Error(`no grant, the state is ${state.dataset.state}`)), 10000);
        const pressedMs = now();
        new MutationObserver((_, observer) => {
          if (state.dataset.state !== 'granted') return;
          observer.disconnect();
          clearTimeout(limit);
          resolve({ pressedMs, grantedMs: now() });
        }).observe(state, { attributes: true, attributeFilter: ['data-state'] });
        document.querySelector('[data-testid=ptt-button]').dispatchEvent(
          new PointerEvent('pointerdown', { button: 0, pointerId: 1, isPrimary: true, pointerType: 'touch', bubbles: true }));
      }),
    // The same microphone through two peer connections of this page: the browser's own share of any delay.
    startLoopback: async () => {
      const sender = new RTCPeerConnection();
      const receiver = new RTCPeerConnection();
      sender.onicecandidate = (e) => receiver.addIceCandidate(e.candidate ?? undefined);
      receiver.onicecandidate = (e) => sender.addIceCandidate(e.candidate ?? undefined);
      const arrived = new Promise((resolve) => { receiver.ontrack = (e) => resolve(e.track); });
      sender.addTrack(microphone);
      await sender.setLocalDescription();
      await receiver.setRemoteDescription(sender.localDescription);
      await receiver.setLocalDescription();
      await sender.setRemoteDescription(receiver.localDescription);
      const track = await arrived;
      const muted = new Audio();
      muted.muted = true;
      muted.srcObject = new MediaStream([track]);
      await muted.play();
      window.probe.stopLoopback = () => { sender.close(); receiver.close(); };
      return [await start(microphone), await start(track)];
    },
    openCameraTimed: (id) =>
      new Promise((resolve, reject) => {
        const startedMs = performance.now();
        const limit = setTimeout(() => reject(new Error(`camera ${id} shows no picture after 30 s`)), 30000);
        const watch = () => {
          const video = document.querySelector(`[data-testid="camera-tile-${id}"] video`);
          if (!(video instanceof HTMLVideoElement)) return requestAnimationFrame(watch);
          video.requestVideoFrameCallback(() => {
            clearTimeout(limit);
            resolve(performance.now() - startedMs);
          });
        };
        document.querySelector(`[data-testid="camera-item-${id}"]`).click();
        watch();
      }),
    outboundPackets: async () => {
      const peer = window.comms.peer();
      if (!peer) return -1;
      let packets = 0;
      for (const report of (await peer.getStats()).values()) {
        if (report.type === 'outbound-rtp' && report.kind === 'audio') packets += report.packetsSent;
      }
      return packets;
    },
    inboundAudio: async () => {
      const peer = window.comms.peer();
      const sum = { packetsReceived: 0, packetsLost: 0, concealedSamples: 0, silentConcealedSamples: 0, totalSamplesReceived: 0 };
      if (!peer) return sum;
      for (const report of (await peer.getStats()).values()) {
        if (report.type !== 'inbound-rtp' || report.kind !== 'audio') continue;
        for (const key of Object.keys(sum)) sum[key] += report[key] ?? 0;
      }
      return sum;
    },
    // Notes the sums of inboundAudio every 50 ms, as often as a browser renews them.
    startWatchingAudio: () => {
      watch.samples = [];
      const note = async () => {
        const sum = await window.probe.inboundAudio();
        watch.samples.push([performance.timeOrigin + performance.now(), sum.packetsReceived, sum.concealedSamples,
          sum.silentConcealedSamples, sum.totalSamplesReceived]);
      };
      watch.timer = setInterval(() => void note(), 50);
    },
    stopWatchingAudio: () => {
      clearInterval(watch.timer);
      return watch.samples;
    },
    srtpCipher: async () => {
      const peer = window.comms.peer();
      for (const report of peer ? (await peer.getStats()).values() : []) {
        if (report.type === 'transport') return report.srtpCipher ?? '';
      }
      return '';
    },
  };
})();
