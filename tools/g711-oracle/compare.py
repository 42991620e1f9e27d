#!/usr/bin/env python3
"""Counts where G.711 encoders and decoders in use differ from ITU-T's own.

    git clone --depth 1 https://github.com/openitu/STL
    tools/g711-oracle/compare.py --stl STL

Needs Python up to 3.12 (audioop), a C compiler, and libspandsp, libsndfile, ffmpeg, sox, gstreamer where
they are to be compared; one that is missing is named and left out.
"""

import argparse
import pathlib

import oracles


def differences(ours, theirs) -> list[int]:
    """Positions where two answers to the same question differ."""
    if len(ours) != len(theirs):
        raise SystemExit(f"answers of {len(ours)} and {len(theirs)} values cannot be compared")
    return [index for index, pair in enumerate(zip(ours, theirs)) if pair[0] != pair[1]]


def describe(law: str, reference: bytes, codes: bytes) -> str:
    """How many samples an encoder codes otherwise, on which side of zero, and the ones nearest to it."""
    samples = [oracles.SAMPLES[index] for index in differences(reference, codes)]
    negative = sum(sample < 0 for sample in samples)
    nearest = ", ".join(
        f"{sample}: {codes[sample + 32768]:02X} for {reference[sample + 32768]:02X}"
        for sample in sorted(samples, key=abs)[:3]
    )
    return f"{len(samples):6} of 65536 ({negative} negative)  {nearest}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stl", type=pathlib.Path, required=True, help="a checkout of github.com/openitu/STL")
    reference = oracles.g191(parser.parse_args().stl)

    others = []
    for make in (oracles.spandsp, oracles.audioop, oracles.sox, oracles.sndfile, oracles.ffmpeg, oracles.gstreamer):
        try:
            oracle = make()
            oracle.decode("mu")
            others.append(oracle)
        except (ImportError, OSError, TypeError, AttributeError) as missing:
            print(f"left out: {make.__name__} ({missing})")

    for law in oracles.LAWS:
        codes, samples = reference.encode(law), reference.decode(law)
        print(f"{law}-law, codes that differ from ITU-T G.191")
        encoders = {}
        for oracle in others:
            encoders.setdefault(oracle.encode(law), []).append(oracle.name)
        for theirs, names in encoders.items():
            print(f"  {', '.join(names):32} {describe(law, codes, theirs)}")
        print(f"{law}-law, decoded values that differ from ITU-T G.191")
        for oracle in others:
            wrong = differences(samples, oracle.decode(law))
            print(f"  {oracle.name:32} {len(wrong):6} of 256")


if __name__ == "__main__":
    main()
