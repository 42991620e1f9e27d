#!/usr/bin/env python3
"""mix.py CACHE OUT --files N --seed S [--held-out] [--hard] — mixes labelled training material out of what fetch.sh decoded.

Each file is 30 s of one kind: speech in noise (0.68), clean speech (0.08), noise alone (0.24); at 16 or 8 kHz. Speech varies in
talker, language, pitch and formants (resampling by 0.8 to 1.25), room, spectrum and level; noise in type, level and SNR, which is
-10 to 22 dB and most often near -2; a third passes G.711. With --hard all is speech in music, effects, traffic or babble at -10 to 5 dB. OUT/NNNN.wav with OUT/NNNN.lab: one byte per 10 ms, 1 = speech, from the energy of the clean
prompt; OUT/NNNN.json says what it was made of. With --held-out, talkers and recordings are those that are never mixed without it.
"""
import argparse, functools, glob, json, multiprocessing, os
import numpy as np, soundfile
from scipy.signal import butter, fftconvolve, lfilter, resample_poly, sosfilt

RATE, HOP, SECONDS = 16000, 160, 30
TOTAL = RATE * SECONDS
# Collections that only --held-out uses, to see how a network does on talkers and noises that it was not trained on.
HELD_OUT = {"speech": ("more-fish-nl", "kt-fi", "kt-sv", "kt-uk", "kl-he", "kl-hu", "kl-de", "espeak-f4"), "music": ("drascula", "singularity", "widelands"), "effect": ("rescue", "horizons", "wesnoth")}


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
    def __init__(self, cache, held_out):
        found = lambda kind: {d: sorted(glob.glob(f"{cache}/audio/{kind}/{d}/*.wav")) for d in sorted(os.listdir(f"{cache}/audio/{kind}")) if (d in HELD_OUT[kind]) == held_out}
        self.speech, self.music, self.effect = ({k: v for k, v in found(kind).items() if v} for kind in ("speech", "music", "effect"))
        keys = sorted(glob.glob(f"{cache}/audio/effect/keys/*.wav")); self.keys = keys[::8] if held_out else [k for n, k in enumerate(keys) if n % 8]
        collections = lambda kind: [v for k, v in self.speech.items() if k.startswith(kind)]
        # Collections weigh alike, not files: four prompt sets, actors and more prompts, many small talkers, synthetic voices.
        self.groups = [(w, v) for w, v in [(0.4, [self.speech[k] for k in ("en", "es", "fr", "ru") if k in self.speech]), (0.2, collections("more-")), (0.2, collections("kt-")), (0.07, collections("kl-")), (0.13, collections("espeak"))] if v]

    def voice(self, rng):
        weights = np.array([w for w, _ in self.groups]); talkers = self.groups[rng.choice(len(weights), p=weights / weights.sum())][1]
        return talkers[rng.integers(len(talkers))]

    def prompt(self, rng, files, factor):
        for _ in range(20):
            x, speech = prepared(files[rng.integers(len(files))], factor)
            if speech is not None: return x, speech
        return np.zeros(HOP * 30), np.zeros(30, np.int8)


@functools.lru_cache(2000)
def prepared(path, factor):
    """A prompt of active level 0 dB, resampled by factor / 100, and its labels; None for them where it has none."""
    x = soundfile.read(path)[0]
    if factor != 100: x = resample_poly(x, 100, factor)
    speech = label(x)
    if speech is None or speech.sum() < 12: return x, None
    x = x[:len(speech) * HOP]
    return x / np.sqrt(np.mean(x[np.repeat(speech, HOP) > 0] ** 2)), speech


def pitch_factor(rng): return int(rng.choice([80, 84, 88, 92, 96, 100, 104, 108, 112, 116, 120, 125]))


def excerpt(rng, path, seconds):
    """At most that much of a recording, from anywhere in it."""
    length = int(RATE * seconds); frames = soundfile.info(path).frames
    return soundfile.read(path, frames=length, start=int(rng.integers(max(frames - length, 0) + 1)))[0]


def talk(rng, material):
    """One talker, or two in turns: speech of active level 0 dB with pauses, and its labels."""
    voices = [(material.voice(rng), pitch_factor(rng), 0.0)]
    if rng.random() < .25: voices.append((material.voice(rng), pitch_factor(rng), rng.uniform(-12, 6)))
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
        x = excerpt(rng, files[rng.integers(len(files))], rng.uniform(least, most)); x = resample_poly(x, 100, pitch_factor(rng))
        if len(x) < 400 or not np.any(x): at += 400; continue
        x = x / np.sqrt(np.mean(x ** 2)) * 10 ** (rng.uniform(-8, 4) / 20); fade = min(400, len(x) // 4); w = np.ones(len(x)); w[:fade] = np.linspace(0, 1, fade); w[-fade:] = w[:fade][::-1]
        m = min(len(x), TOTAL - at); y[at:at + m] += (x * w)[:m]; at += max(len(x) - fade, 1)
    return y


def clicks(rng, material):
    y, at = 1e-3 * rng.standard_normal(TOTAL), 0; files = material.keys; density = rng.uniform(.3, 2)
    while at < TOTAL:
        x = soundfile.read(files[rng.integers(len(files))])[0]; x = x / (np.abs(x).max() + 1e-9); m = min(len(x), TOTAL - at); y[at:at + m] += x[:m] * rng.uniform(.2, 1)
        at += int(RATE * rng.exponential(.25 * density) + 600)
    return y


def babble(rng, material):
    y = np.zeros(TOTAL)
    for _ in range(rng.integers(4, 9)):
        at = -int(rng.integers(RATE * 3)); files = material.voice(rng); z = np.zeros(TOTAL); factor = pitch_factor(rng)
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
    orders = np.arange(1, rng.integers(3, 25)); return periodic(f * t, rng.uniform(.1, 1, len(orders)) / orders, rng) + rng.uniform(.001, .2) * rng.standard_normal(TOTAL)


def wander(rng, low, high, seconds):
    """A slow random curve between two values, a new direction every so many seconds."""
    points = np.arange(0, TOTAL + 2 * RATE * seconds, RATE * seconds); return np.interp(np.arange(TOTAL), points, rng.uniform(low, high, len(points)))


def periodic(cycles, strengths, rng):
    """A waveform of harmonics of these strengths and random phases, run through by a phase in cycles; a table saves one sine per harmonic."""
    spectrum = np.zeros(1025, complex); spectrum[1:len(strengths) + 1] = np.asarray(strengths) * np.exp(2j * np.pi * rng.random(len(strengths)))
    return (1024 * np.fft.irfft(spectrum)).astype(np.float32)[(cycles * 2048).astype(np.int64) & 2047]


def engine(rng, material):
    """Harmonics of a wandering speed with the firing order's roughness, through an exhaust's resonances."""
    hz = rng.uniform(18, 120) * 2 ** wander(rng, -.5, .5, rng.uniform(.5, 5)); cycles = np.cumsum(hz) / RATE; orders = np.arange(1, rng.integers(6, 30))
    y = periodic(cycles, rng.uniform(.05, 1, len(orders)) / orders ** rng.uniform(.3, 1.2), rng) * (1 + periodic(cycles / 2, [.3], rng)) + rng.uniform(.05, 1) * lfilter([1], [1, -.9], rng.standard_normal(TOTAL))
    for _ in range(rng.integers(0, 3)): r, f = rng.uniform(.8, .98), rng.uniform(80, 2500); y = y + .5 * lfilter([1 - r], [1, -2 * r * np.cos(2 * np.pi * f / RATE), r * r], y)
    return y * 10 ** (wander(rng, -8, 0, rng.uniform(.5, 6)) / 20)


def traffic(rng, material):
    """Vehicles passing by: noise of tyres and engines that swell, fall away and drop in pitch, over a far rumble."""
    y = lfilter([1], [1, -rng.uniform(.95, .998)], rng.standard_normal(TOTAL)); y *= rng.uniform(.05, .5) / np.std(y); t = np.arange(TOTAL) / RATE
    tyres = sosfilt(butter(2, [rng.uniform(80, 500), rng.uniform(800, 5000)], "bp", fs=RATE, output="sos"), rng.standard_normal(TOTAL)); tyres /= np.std(tyres)
    for _ in range(rng.integers(2, 10)):
        apart = (t - rng.uniform(0, SECONDS)) * rng.uniform(.3, 2.5); loud = rng.uniform(.1, 1) / (1 + apart ** 2); y += loud * np.roll(tyres, rng.integers(TOTAL))
        hz = rng.uniform(30, 250) * (1 - rng.uniform(.02, .1) * apart / np.sqrt(1 + apart ** 2))
        y += loud * rng.uniform(0, 1) * periodic(np.cumsum(hz) / RATE, 1 / np.arange(1, rng.integers(2, 12)), rng)
    if rng.random() < .3: y += rng.uniform(.1, .5) * np.sign(wander(rng, -1, .2, 1)).clip(0) * sum(np.sin(2 * np.pi * f * t) for f in rng.uniform(300, 900, 2))   # horns
    return y


def weather(rng, material):
    """Wind in gusts, rain, surf."""
    kind = rng.integers(3); w = rng.standard_normal(TOTAL)
    if kind == 0: return lfilter([1], [1, -rng.uniform(.97, .999)], w) * 10 ** (wander(rng, -18, 6, rng.uniform(.2, 2)) / 20)
    if kind == 1: return .2 * w + lfilter([1], [1, -1.2, .7], w * (rng.random(TOTAL) < rng.uniform(.0005, .02)) * rng.exponential(3, TOTAL))
    return lfilter([1], [1, -rng.uniform(.5, .95)], w) * 10 ** (wander(rng, -20, 0, rng.uniform(1, 4)) / 20)


def clatter(rng, material):
    """Blows on things that ring: dishes, tools, doors, steps."""
    y, at = 1e-3 * rng.standard_normal(TOTAL), 0; pace = rng.uniform(.05, .8); modes = rng.uniform(100, 5000, rng.integers(1, 7))
    while at < TOTAL:
        length = min(int(RATE * rng.uniform(.02, .5)), TOTAL - at); t = np.arange(length) / RATE; blow = rng.standard_normal(length) * np.exp(-t * rng.uniform(40, 400))
        y[at:at + length] += rng.uniform(.1, 1) * (blow + sum(rng.uniform(0, 1) * np.sin(2 * np.pi * f * rng.uniform(.97, 1.03) * t) * np.exp(-t * rng.uniform(8, 80)) for f in modes)); at += int(RATE * (rng.exponential(pace) + .03))
    return y


def recorded(kind, least, most): return lambda rng, material: splice(rng, material, getattr(material, kind), least, most)


NOISES = {"coloured": (.10, coloured), "hum": (.05, hum), "music": (.26, recorded("music", 2, 30)), "chords": (.06, chords), "tones": (.04, tones), "clicks": (.05, clicks), "effect": (.18, recorded("effect", .2, 10)), "engine": (.04, engine), "traffic": (.08, traffic), "weather": (.04, weather), "clatter": (.03, clatter), "babble": (.07, babble)}


def unit(x): return x / (np.sqrt(np.mean(x ** 2)) + 1e-9)


HARD = {"music": .5, "chords": .06, "effect": .2, "traffic": .12, "babble": .12}


def one_noise(rng, material, chances):
    weights = np.array([chances.get(name, 0) for name in NOISES]); name = list(NOISES)[rng.choice(len(NOISES), p=weights / weights.sum())]
    return name, unit(NOISES[name][1](rng, material))


def noise(rng, material, hard):
    """A name and a waveform of power 1."""
    chances = HARD if hard else {name: w for name, (w, _) in NOISES.items()}; name, y = one_noise(rng, material, chances)
    if rng.random() < .25: y = y + one_noise(rng, material, chances)[1] * 10 ** (rng.uniform(-15, 0) / 20)
    return name, unit(equalise(rng, y))


def g711(x):
    x = np.clip(sosfilt(butter(4, [300, 3400], "bp", fs=8000, output="sos"), x), -1, 1); mu = 255; c = np.round(np.log1p(mu * np.abs(x)) / np.log1p(mu) * 127) / 127
    return np.sign(x) * np.expm1(c * np.log1p(mu)) / mu


@functools.cache
def stock(cache, held_out): return Material(cache, held_out)


def one(job):
    cache, out, number, seed, held_out, hard = job; rng = np.random.default_rng([seed, number]); material = stock(cache, held_out); kind = rng.random() * (.68 if hard else 1); speech = np.zeros(TOTAL // HOP, np.int8); x = np.zeros(TOTAL); about = {"noise": "none", "snr": 99.0}
    if kind < .76:
        x, speech = talk(rng, material)
        if rng.random() < .4: x = room(rng, x)
        x = equalise(rng, x); active = np.repeat(speech, HOP) > 0; x *= 10 ** (rng.uniform(-45, -10) / 20) / (np.sqrt(np.mean(x[active] ** 2)) if active.any() else 1)
        level = decibels(np.mean(x[active] ** 2)) if active.any() else -30
        if kind < .68: about["snr"] = rng.triangular(-10, -2, 5 if hard else 22); about["noise"], y = noise(rng, material, hard); x = x + y * 10 ** ((level - about["snr"]) / 20)
    else: about["snr"] = -99.0; about["noise"], y = noise(rng, material, False); x = y * 10 ** (rng.uniform(-70, -12) / 20)
    if rng.random() < .5: x = x + rng.standard_normal(TOTAL) * 10 ** (rng.uniform(-95, -60) / 20)
    rate = 8000 if rng.random() < .5 else 16000; coded = rng.random() < .33
    if rate == 8000 or coded: x = resample_poly(x, 1, 2)
    if coded: x = g711(x); x = x if rate == 8000 else resample_poly(x, 2, 1)
    soundfile.write(f"{out}/{number:05}.wav", np.clip(x, -1, 1 - 2 ** -15), rate, "PCM_16"); speech.tofile(f"{out}/{number:05}.lab"); json.dump(about, open(f"{out}/{number:05}.json", "w"))


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter); p.add_argument("cache"); p.add_argument("out"); p.add_argument("--files", type=int, default=1500); p.add_argument("--seed", type=int, default=1); p.add_argument("--held-out", action="store_true"); p.add_argument("--hard", action="store_true"); a = p.parse_args()
    os.makedirs(a.out, exist_ok=True)
    with multiprocessing.Pool() as pool:
        for _ in pool.imap_unordered(one, [(a.cache, a.out, n, a.seed, a.held_out, a.hard) for n in range(a.files)], 4): pass
