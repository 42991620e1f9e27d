#!/usr/bin/env python3
"""decode.py SECONDS — decodes recordings to 16 kHz mono WAV, at most so many seconds of each; stdin: NUL-separated pairs of input and output."""
import math, subprocess, sys
import numpy as np, soundfile
from scipy.signal import resample_poly


def decode(source, target, seconds):
    if source.endswith(".g722"):
        subprocess.run(["ffmpeg", "-nostdin", "-v", "quiet", "-y", "-t", str(seconds), "-f", "g722", "-i", source, "-ac", "1", "-ar", "16000", target]); return
    try:
        with soundfile.SoundFile(source) as f: x, rate = f.read(int(seconds * f.samplerate), always_2d=True).mean(1), f.samplerate
    except soundfile.LibsndfileError: return                               # some files are no audio
    common = math.gcd(16000, rate); x = resample_poly(x, 16000 // common, rate // common) if rate != 16000 else x
    soundfile.write(target, np.clip(x, -1, 1), 16000, "PCM_16")


names = sys.stdin.read().split("\0")[:-1]
for source, target in zip(names[::2], names[1::2]): decode(source, target, float(sys.argv[1]))
