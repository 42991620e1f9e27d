#!/usr/bin/env python3
"""mix.py CACHE OUT --files N --seed S — mixes calls with echo out of what tools/train-vad/fetch.sh decoded.

Each file is 30 s at 16 or 8 kHz with three channels: what the loudspeaker plays, what the microphone hears, and what of that is
wanted (near-end voice and background noise). Varied are talkers, languages and pitch on both ends, who talks when, room and
loudspeaker, delay, levels, distortion, noise, clock drift, G.711 lines, and echo paths that change during the call.
OUT/NNNNN.wav with OUT/NNNNN.lab: one byte per block of 4 ms, 1 = the near end talks.
"""
import argparse, multiprocessing, os, sys
import numpy as np, soundfile
from scipy.signal import butter, fftconvolve, lfilter, resample_poly, sosfilt
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "train-vad"))
sys.dont_write_bytecode = True
import mix as speech

RATE, TOTAL, BLOCK_MS = speech.RATE, speech.TOTAL, 4
WITHOUT = ("en", "es")                                                     # their talkers are for evaluation


def decibels(db): return 10 ** (db / 20)


def material(cache):
    m = speech.Material(cache); talkers = [(w, [v for v in voices if v not in [m.speech[k] for k in WITHOUT]]) for w, voices in m.groups]
    m.groups = talkers; return m


def talk(rng, m):
    """One or two talkers with pauses, active level 0 dB."""
    voices = [(m.voice(rng), int(rng.uniform(80, 125))) for _ in range(1 + (rng.random() < .15))]; x, at = np.zeros(TOTAL), 0; pause = rng.uniform(.15, .8)
    while at < TOTAL:
        y = m.prompt(rng, *voices[rng.integers(len(voices))])[0] * decibels(rng.normal(0, 2)); n = min(len(y), TOTAL - at); x[at:at + n] = y[:n]; at += len(y) + int(RATE * rng.uniform(.05, pause))
    return x


def turns(rng):
    """Who talks when: two gates with edges of 10 ms."""
    gates, at, first = np.zeros((2, TOTAL)), int(RATE * rng.uniform(0, .6)), True
    while at < TOTAL:
        n = int(RATE * rng.uniform(1.5, 7)); far, near = [(1, 0), (0, 1), (1, 1), (0, 0)][0 if first and rng.random() < .8 else rng.choice(4, p=[.38, .12, .42, .08])]; gates[0, at:at + n], gates[1, at:at + n], first = far, near, False; at += n
    edge = np.ones(RATE // 100) / (RATE // 100); return [np.convolve(g, edge, "same") for g in gates]


def room(rng):
    """Response from loudspeaker to microphone: direct sound, early reflections, a tail that is shorter at high frequencies."""
    decay = rng.uniform(.1, .75); t = np.arange(int(RATE * (decay + .1))) / RATE; tail = [rng.standard_normal(len(t)) * np.exp(-6.9 * t / d) for d in (decay, decay * rng.uniform(.35, 1))]
    cut = rng.uniform(1000, 4000); h = sosfilt(butter(1, cut, "lp", fs=RATE, output="sos"), tail[0]) + sosfilt(butter(1, cut, "hp", fs=RATE, output="sos"), tail[1])
    h *= np.minimum(1, t / rng.uniform(.005, .03)) / np.sqrt((h ** 2).sum()) * decibels(-rng.uniform(-4, 12)); h[0] += 1
    for _ in range(rng.integers(4, 20)): at = rng.exponential(.008) + .0005; h[min(int(at * RATE), len(h) - 1)] += rng.choice([-1, 1]) * rng.uniform(.1, .8) / (1 + at / .004)
    h = sosfilt(butter(2, rng.uniform(70, 400), "hp", fs=RATE, output="sos"), h)
    if rng.random() < .5: h = sosfilt(butter(1, rng.uniform(2000, 7500), "lp", fs=RATE, output="sos"), h)
    for _ in range(rng.integers(0, 3)): r, f = rng.uniform(.5, .95), rng.uniform(200, 5000); h = lfilter([1, -r * np.cos(2 * np.pi * f / RATE)], [1, -2 * r * np.cos(2 * np.pi * f / RATE), r * r], h)
    return h / np.sqrt((h ** 2).sum())


def hybrid(rng):
    t = np.arange(int(RATE * .012)) / RATE; h = rng.standard_normal(len(t)) * np.exp(-t / rng.uniform(.001, .003)); return h / np.sqrt((h ** 2).sum())


def distort(rng, x):
    """A small loudspeaker and its amplifier at their limits."""
    u = x / (np.abs(x).max() + 1e-9); kind = rng.integers(4)
    if kind == 0: b = rng.uniform(.7, 2) * u - rng.uniform(0, .4) * u ** 2; y = 2 / (1 + np.exp(-np.where(b > 0, rng.uniform(1, 5), rng.uniform(.4, 2)) * b)) - 1
    elif kind == 1: g = rng.uniform(.7, 5); y = np.tanh(g * u) / g
    elif kind == 2: y = np.clip(u, -rng.uniform(.15, .9), rng.uniform(.15, .9))
    else: y = u + rng.uniform(-.5, .5) * u ** 2 + rng.uniform(-.5, .5) * u ** 3
    return y * np.abs(x).max()


def drift(rng, x):
    fine = resample_poly(x, 4, 1); return np.interp(np.arange(TOTAL) * (1 + rng.uniform(-200, 200) * 1e-6) * 4, np.arange(len(fine)), fine)


def band_limited(x): return resample_poly(speech.g711(resample_poly(x, 1, 2)), 2, 1)[:TOTAL]


def echo_of(rng, x):
    """What comes back of the loudspeaker's signal; in a quarter of the calls the path changes."""
    line = rng.random() < .1; delay = int(RATE * rng.choice([rng.uniform(0, .02), rng.uniform(.02, .12), rng.uniform(.1, .35)]))
    through = lambda d, h: np.concatenate([np.zeros(d), fftconvolve(x, h)])[:TOTAL]
    h = hybrid(rng) if line else room(rng); y = through(delay, h)
    if rng.random() < .25:
        at = int(RATE * rng.uniform(8, 24)); moved = rng.random() < .3
        z = through(max(0, delay + int(RATE * rng.uniform(-.1, .1))) if moved else delay, h if moved or line else room(rng) if rng.random() < .5 else h + rng.uniform(.1, 1) * np.pad(room(rng), (0, len(h)))[:len(h)])
        y = np.concatenate([y[:at], z[at:]])
    if rng.random() < .12: y = drift(rng, y)
    return band_limited(y) if line else y


def activity(near):
    """1 for each block whose last 20 ms hold voice: less than 35 dB below its loud parts."""
    n = RATE * BLOCK_MS // 1000; e = (sosfilt(butter(2, 80, "hp", fs=RATE, output="sos"), near) ** 2).reshape(-1, n).mean(1); e = np.convolve(e, np.ones(5) / 5)[:len(e)]
    return (e > 10 ** -3.5 * max(np.percentile(e[e > 0], 95), 1e-12)).astype(np.int8) if np.any(e > 0) else np.zeros(len(e), np.int8)


def one(job):
    cache, out, number, seed = job; rng = np.random.default_rng([seed, number]); m = material(cache); far_gate, near_gate = turns(rng)
    far = talk(rng, m) * far_gate if rng.random() < .92 else speech.noise(rng, m) * decibels(rng.uniform(-6, 6)) * far_gate
    far *= decibels(rng.uniform(-40, -14))
    if rng.random() < .2: far = far + speech.noise(rng, m) * decibels(rng.uniform(-70, -45))
    far = np.clip(far, -1, 1); near = talk(rng, m) * near_gate
    if rng.random() < .5: near = speech.room(rng, near)
    level = rng.uniform(-48, -14); near = speech.equalise(rng, near); near *= decibels(level) / (np.sqrt(np.mean(near[np.abs(near) > 1e-3] ** 2)) + 1e-9) if np.any(np.abs(near) > 1e-3) else 1
    drive = distort(rng, far) if rng.random() < .45 else far; echo = echo_of(rng, drive); active = far_gate > .5
    echo *= decibels(level - rng.normal(3, 8)) / (np.sqrt(np.mean(echo[active] ** 2)) + 1e-9) if active.any() else 0
    noise = rng.standard_normal(TOTAL) * decibels(rng.uniform(-95, -60))
    if rng.random() < .45: noise = noise + speech.equalise(rng, speech.noise(rng, m)) * decibels(level - rng.uniform(3, 35))
    rate = 8000 if rng.random() < .35 else 16000; wanted = near + noise; channels = np.stack([far, wanted + echo, wanted], 1) / max(1, np.abs(wanted + echo).max())
    soundfile.write(f"{out}/{number:05}.wav", np.clip(channels if rate == RATE else resample_poly(channels, 1, 2), -1, 1 - 2 ** -15), rate, "PCM_16"); activity(near).tofile(f"{out}/{number:05}.lab")


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter); p.add_argument("cache"); p.add_argument("out"); p.add_argument("--files", type=int, default=480); p.add_argument("--seed", type=int, default=1); a = p.parse_args()
    os.makedirs(a.out, exist_ok=True)
    with multiprocessing.Pool() as pool:
        for _ in pool.imap_unordered(one, [(a.cache, a.out, n, a.seed) for n in range(a.files)], 4): pass
