#!/usr/bin/env python3
"""Writes the expected values of mc-g711's tests from implementations that are not ours.

    git clone --depth 1 https://github.com/openitu/STL
    tools/g711-oracle/golden.py --stl STL crates/mc-g711/tests/golden

`encode-mu-CONVENTION.txt` and `encode-a.txt` hold an encoder over all 65,536 samples as runs: each line is the
first sample of a run and the code of every sample up to the next line. `decode-LAW.txt` holds the samples of
codes 0 to 255, one a line. What ITU-T G.191, spandsp and audioop share (the A-law encoder, both decoders) is
written once, after they have been seen to agree.
"""

import argparse
import pathlib

import oracles


def runs(codes: bytes) -> list[str]:
    """The lines of an encoder: a line wherever the code changes."""
    return [
        f"{sample} {codes[index]:02x}"
        for index, sample in enumerate(oracles.SAMPLES)
        if index == 0 or codes[index] != codes[index - 1]
    ]


def agreed(answers):
    """The one answer that all of them give."""
    first, *rest = answers
    if any(answer != first for answer in rest):
        raise SystemExit("the oracles disagree where they are expected to agree")
    return first


def write(path: pathlib.Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    print(f"{path}: {len(lines)} lines")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stl", type=pathlib.Path, required=True, help="a checkout of github.com/openitu/STL")
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)

    conventions = {
        "itu": oracles.g191(arguments.stl),
        "spandsp": oracles.spandsp(),
        "audioop": oracles.audioop(),
    }
    for name, oracle in conventions.items():
        write(arguments.folder / f"encode-mu-{name}.txt", runs(oracle.encode("mu")))
    write(arguments.folder / "encode-a.txt", runs(agreed(oracle.encode("a") for oracle in conventions.values())))
    for law in oracles.LAWS:
        samples = agreed(oracle.decode(law) for oracle in conventions.values())
        write(arguments.folder / f"decode-{law}.txt", [str(sample) for sample in samples])


if __name__ == "__main__":
    main()
