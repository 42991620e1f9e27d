#!/usr/bin/env python3
"""mix.py CACHE OUT --files N --seed S — mixes labelled training material out of what fetch.sh decoded.

Each file is 30 s of one kind: speech in noise (0.63), clean speech (0.1), noise alone (0.27); at 16 or 8 kHz. Speech varies in
talker, language, pitch and formants (resampling by 0.8 to 1.25), room, spectrum and level; noise in type, level and SNR; a
third passes G.711. OUT/NNNN.wav with OUT/NNNN.lab: one byte per 10 ms, 1 = speech, from the energy of the clean prompt.
"""
import argparse, glob, multiprocessing, os
import numpy as np, soundfile
from scipy.signal import butter, fftconvolve, lfilter, resample_poly, sosfilt

RATE, HOP, SECONDS = 16000, 160, 30
TOTAL = RATE * SECONDS


def decibels(power): return 10 * np.log10(power + 1e-12)


def runs(flags):
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags, [0]])))
    return list(zip(edges[::2], edges[1::2]))


def label(prompt):
    """0/1 per 10 ms by hysteresis on 20 ms energies below the prompt's own peak; None where there is no quiet to see."""
    frames = len(prompt) // HOP
    if frames < 20: return None
    x = np.concatenate([np.zeros(HOP // 2), sosfilt(butter(2, 80, "hp", fs=RATE, output="sos"), prompt), np.zeros(HOP)])
    energy = decibels(np.array([np.mean(x[i * HOP:(i + 2) * HOP] ** 2) for i in range(frames)]))
    top, bottom = np.percentile(energy, 95), np.percentile(energy, 3)
    if top < -50 or ((energy < top - 38).sum() < 3 and top - bottom < 30): return None
    high, low = max(top - 30, bottom + 9), max(top - 38, bottom + 5)
    speech = np.zeros(frames, np.int8); state = 0
    for i, e in enumerate(energy): state = 1 if e > high else 0 if e < low else state; speech[i] = state
    for i in range(frames - 2, -1, -1):                                   # an onset begins where it left the floor
        if speech[i + 1] and energy[i] > low: speech[i] = 1
    parts = runs(speech)
    for (_, end), (start, _) in zip(parts, parts[1:]):                    # stops within words are speech
        if start - end < 10: speech[end:start] = 1
    for start, end in runs(speech):
        if end - start < 4: speech[start:end] = 0
    return speech


class Material:
    def __init__(self, cache):
        found = lambda kind: {d: sorted(glob.glob(f"{cache}/audio/{kind}/{d}/*.wav")) for d in sorted(os.listdir(f"{cache}/audio/{kind}"))}
        self.speech, self.music, self.effect = ({k: v for k, v in found(kind).items() if v} for kind in ("speech", "music", "effect"))
        collections = lambda kind: [v for k, v in self.speech.items() if k.startswith(kind)]
        # Collections weigh alike, not files: four prompt sets, many small talkers, synthetic voices.
        self.groups = [(0.5, [self.speech[k] for k in ("en", "es", "fr", "ru")]), (0.3, collections("kt-")), (0.07, collections("kl-")), (0.13, collections("espeak"))]

    def voice(self, rng):
        weights = np.array([w for w, _ in self.groups]); talkers = self.groups[rng.choice(len(weights), p=weights / weights.sum())][1]
        return talkers[rng.integers(len(talkers))]

    def prompt(self, rng, files, factor):
        for _ in range(20):
            x = soundfile.read(files[rng.integers(len(files))])[0]
            if factor != 100: x = resample_poly(x, 100, factor)
            speech = label(x)
            if speech is None or speech.sum() < 12: continue
            x = x[:len(speech) * HOP]
            return x / np.sqrt(np.mean(x[np.repeat(speech, HOP) > 0] ** 2)), speech
        return np.zeros(HOP * 30), np.zeros(30, np.int8)


def talk(rng, material):
    """One talker, or two in turns: speech of active level 0 dB with pauses, and its labels."""
    voices = [(material.voice(rng), int(rng.uniform(80, 125)), 0.0)]
    if rng.random() < .25: voices.append((material.voice(rng), int(rng.uniform(80, 125)), rng.uniform(-12, 6)))
    x, speech, at = np.zeros(TOTAL), np.zeros(TOTAL // HOP, np.int8), int(rng.uniform(20, 200)) * HOP
    pause = rng.choice([60, 150, 400])
    while True:
        files, factor, gain = voices[rng.integers(len(voices))]
        y, lab = material.prompt(rng, files, factor)
        if at + len(y) > TOTAL: return x, speech
        x[at:at + len(y)] = y * 10 ** (gain / 20); speech[at // HOP:at // HOP + len(lab)] = lab
        at += len(y) + int(rng.uniform(15, pause)) * HOP


def room(rng, x):
    t = np.arange(int(RATE * .5)) / RATE; h = rng.standard_normal(len(t)) * np.exp(-6.9 * t / rng.uniform(.1, .6)) * rng.uniform(.01, .12); h[0] = 1
    return fftconvolve(x, h)[:len(x)]


def equalise(rng, x):
    if rng.random() < .5: x = sosfilt(butter(1, rng.uniform(60, 400), "hp", fs=RATE, output="sos"), x)
    if rng.random() < .5: x = sosfilt(butter(1, rng.uniform(1500, 7000), "lp", fs=RATE, output="sos"), x)
    if rng.random() < .4: x = lfilter([1, rng.uniform(-.6, .6)], [1], x)
    return x


def splice(rng, material, collection, least, most):
    y, at = np.zeros(TOTAL), 0; names = list(collection); files = collection[names[rng.integers(len(names))]]
    while at < TOTAL:
        x = soundfile.read(files[rng.integers(len(files))])[0]; length = int(RATE * rng.uniform(least, most))
        if len(x) > length: start = rng.integers(len(x) - length); x = x[start:start + length]
        if len(x) < 400 or not np.any(x): at += 400; continue
        x = x / np.sqrt(np.mean(x ** 2)) * 10 ** (rng.uniform(-8, 4) / 20); fade = min(400, len(x) // 4); w = np.ones(len(x)); w[:fade] = np.linspace(0, 1, fade); w[-fade:] = w[:fade][::-1]
        m = min(len(x), TOTAL - at); y[at:at + m] += (x * w)[:m]; at += max(len(x) - fade, 1)
    return y


def clicks(rng, material):
    y, at = 1e-3 * rng.standard_normal(TOTAL), 0; files = material.effect["keys"]; density = rng.uniform(.3, 2)
    while at < TOTAL:
        x = soundfile.read(files[rng.integers(len(files))])[0]; x = x / (np.abs(x).max() + 1e-9); m = min(len(x), TOTAL - at); y[at:at + m] += x[:m] * rng.uniform(.2, 1)
        at += int(RATE * rng.exponential(.25 * density) + 600)
    return y


def babble(rng, material):
    y = np.zeros(TOTAL)
    for _ in range(rng.integers(4, 9)):
        at = -int(rng.integers(RATE * 3)); files = material.voice(rng); z = np.zeros(TOTAL); factor = int(rng.uniform(80, 125))
        while at < TOTAL:
            x = material.prompt(rng, files, factor)[0]; a, b = max(at, 0), min(at + len(x), TOTAL)
            if b > a: z[a:b] = x[a - at:b - at]
            at += len(x) + int(RATE * rng.uniform(0, .3))
        y += z * 10 ** (rng.uniform(-3, 3) / 20)
    return room(rng, y) if rng.random() < .5 else y


def note(rng, hz, length, kind):
    t = np.arange(length) / RATE; harmonics = 1 if kind == "sine" else rng.integers(3, 14); decay = {"pluck": rng.uniform(2, 10), "organ": 0, "sine": 0}[kind]
    y = sum(rng.uniform(.2, 1) / k ** rng.uniform(.6, 1.6) * np.sin(2 * np.pi * hz * k * t + rng.uniform(0, 6.28)) * np.exp(-decay * k ** .5 * t) for k in range(1, harmonics + 1) if hz * k < 7000)
    if kind != "sine" and rng.random() < .3: y = y * (1 + .3 * np.sin(2 * np.pi * rng.uniform(3, 8) * t))
    edge = min(160, length // 2); y[:edge] *= np.linspace(0, 1, edge); y[-edge:] *= np.linspace(1, 0, edge)
    return y


def chords(rng, material):
    """Melodies and chords of synthetic instruments."""
    y, at, beat = np.zeros(TOTAL), 0, int(RATE * rng.uniform(.12, .8)); kind = rng.choice(["pluck", "organ"]); root = rng.uniform(90, 300); scale = [0, 2, 4, 5, 7, 9, 11, 12]
    while at < TOTAL:
        length = beat * rng.integers(1, 5)
        for _ in range(rng.integers(1, 5)):
            x = note(rng, root * 2 ** ((scale[rng.integers(8)] + 12 * rng.integers(0, 2)) / 12), length, kind); m = min(length, TOTAL - at); y[at:at + m] += x[:m]
        at += beat if rng.random() < .7 else length
    return y


def tones(rng, material):
    """Dial, ringing and busy tones, DTMF, beeps, sweeps, plain sines."""
    y, at = np.zeros(TOTAL), int(RATE * rng.uniform(0, 2)); kind = rng.integers(5); t = np.arange(TOTAL) / RATE
    if kind == 0: return sum(np.sin(2 * np.pi * f * t) for f in rng.uniform(60, 3500, rng.integers(1, 4)))
    if kind == 1: f = rng.uniform(60, 300) * np.exp(np.log(10) * (.5 - .5 * np.cos(2 * np.pi * t * rng.uniform(.05, 1)))); return np.sin(2 * np.pi * np.cumsum(f) / RATE)
    on, off = [(RATE // 10, RATE // 10), (RATE, 4 * RATE), (RATE // 2, RATE // 2)][kind - 2]; pair = rng.choice([350, 425, 440, 480, 620, 950, 1400], 2)
    while at < TOTAL:
        if kind == 2: pair = [rng.choice([697, 770, 852, 941]), rng.choice([1209, 1336, 1477])]
        m = min(on, TOTAL - at); y[at:at + m] = sum(note(rng, f, m, "sine") for f in pair) if m > 400 else 0; at += on + off
    return y


def coloured(rng, material):
    kind = rng.integers(4); w = rng.standard_normal(TOTAL)
    if kind == 0: return w
    if kind == 1: return lfilter([1], [1, -rng.uniform(.7, .999)], w)
    if kind == 2: r, f = rng.uniform(.6, .97), rng.uniform(100, 3000); return lfilter([1], [1, -2 * r * np.cos(2 * np.pi * f / RATE), r * r], w)
    slow = np.interp(np.arange(TOTAL), np.arange(0, TOTAL + RATE, RATE // 2), rng.uniform(-12, 12, TOTAL // (RATE // 2) + 2)); return lfilter([1], [1, -.9], w) * 10 ** (slow / 20)


def hum(rng, material):
    t = np.arange(TOTAL) / RATE; f = rng.choice([50, 60, 100, 120]) if rng.random() < .6 else rng.uniform(30, 250)
    return sum(rng.uniform(.1, 1) / k * np.sin(2 * np.pi * f * k * t + rng.uniform(0, 6.28)) for k in range(1, rng.integers(3, 25))) + rng.uniform(.001, .2) * rng.standard_normal(TOTAL)


NOISES = [(.2, coloured), (.06, hum), (.24, lambda r, m: splice(r, m, m.music, 2, 30)), (.1, chords), (.06, tones), (.08, clicks), (.12, lambda r, m: splice(r, m, m.effect, .2, 8)), (.14, babble)]


def noise(rng, material):
    weights = np.array([w for w, _ in NOISES]); y = NOISES[rng.choice(len(NOISES), p=weights / weights.sum())][1](rng, material)
    return y / (np.sqrt(np.mean(y ** 2)) + 1e-9)


def g711(x):
    x = np.clip(sosfilt(butter(4, [300, 3400], "bp", fs=8000, output="sos"), x), -1, 1); mu = 255; c = np.round(np.log1p(mu * np.abs(x)) / np.log1p(mu) * 127) / 127
    return np.sign(x) * np.expm1(c * np.log1p(mu)) / mu


def one(job):
    cache, out, number, seed = job; rng = np.random.default_rng([seed, number]); material = Material(cache); kind = rng.random(); speech = np.zeros(TOTAL // HOP, np.int8); x = np.zeros(TOTAL)
    if kind < .73:
        x, speech = talk(rng, material)
        if rng.random() < .4: x = room(rng, x)
        x = equalise(rng, x); active = np.repeat(speech, HOP) > 0; x *= 10 ** (rng.uniform(-45, -10) / 20) / (np.sqrt(np.mean(x[active] ** 2)) if active.any() else 1)
        level = decibels(np.mean(x[active] ** 2)) if active.any() else -30
        if kind < .63: x = x + equalise(rng, noise(rng, material)) * 10 ** ((level - rng.uniform(-8, 28)) / 20)
    else: x = noise(rng, material) * 10 ** (rng.uniform(-70, -12) / 20)
    if rng.random() < .5: x = x + rng.standard_normal(TOTAL) * 10 ** (rng.uniform(-95, -60) / 20)
    rate = 8000 if rng.random() < .5 else 16000; coded = rng.random() < .33
    if rate == 8000 or coded: x = resample_poly(x, 1, 2)
    if coded: x = g711(x); x = x if rate == 8000 else resample_poly(x, 2, 1)
    soundfile.write(f"{out}/{number:05}.wav", np.clip(x, -1, 1 - 2 ** -15), rate, "PCM_16"); speech.tofile(f"{out}/{number:05}.lab")


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter); p.add_argument("cache"); p.add_argument("out"); p.add_argument("--files", type=int, default=1500); p.add_argument("--seed", type=int, default=1); a = p.parse_args()
    os.makedirs(a.out, exist_ok=True)
    with multiprocessing.Pool() as pool:
        for _ in pool.imap_unordered(one, [(a.cache, a.out, n, a.seed) for n in range(a.files)], 4): pass
