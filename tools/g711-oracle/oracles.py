"""G.711 as other people wrote it: every program or library here that turns samples into codes.

An oracle is a pair of functions over whole domains: `encode` takes the 65,536 samples in ascending order
and returns 65,536 codes, `decode` takes the 256 codes in ascending order and returns 256 samples. All
PCM is 16-bit little-endian.
"""

import array
import ctypes
import ctypes.util
import pathlib
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass

SAMPLES = array.array("h", range(-32768, 32768))
CODES = bytes(range(256))
LAWS = ("mu", "a")


@dataclass
class Oracle:
    """One implementation, under the name that the tables print."""

    name: str
    encode: Callable[[str], bytes]
    decode: Callable[[str], array.array]


def g191(stl: pathlib.Path) -> Oracle:
    """The reference C code of ITU-T G.191, built from a checkout of github.com/openitu/STL."""
    source = stl / "src" / "g711" / "g711.c"
    build = tempfile.TemporaryDirectory()
    shared = pathlib.Path(build.name) / "g191.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", shared, source], check=True)
    library = ctypes.CDLL(str(shared))
    build.cleanup()
    prefixes = {"mu": "ulaw", "a": "alaw"}

    def call(verb: str, law: str, values) -> array.array:
        function = getattr(library, f"{prefixes[law]}_{verb}")
        source_words = (ctypes.c_short * len(values))(*values)
        result_words = (ctypes.c_short * len(values))()
        function(ctypes.c_long(len(values)), source_words, result_words)
        return array.array("h", result_words)

    return Oracle(
        "g191",
        lambda law: bytes(call("compress", law, SAMPLES).tolist()),
        lambda law: call("expand", law, CODES),
    )


def audioop() -> Oracle:
    """CPython's audioop module, which left the standard library with Python 3.13."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import audioop as module

    encoders = {"mu": module.lin2ulaw, "a": module.lin2alaw}
    decoders = {"mu": module.ulaw2lin, "a": module.alaw2lin}
    return Oracle(
        "audioop",
        lambda law: encoders[law](SAMPLES.tobytes(), 2),
        lambda law: array.array("h", decoders[law](CODES, 2)),
    )


def spandsp() -> Oracle:
    """libspandsp, which FreeSWITCH and many gateways encode with."""
    library = ctypes.CDLL(ctypes.util.find_library("spandsp"))
    library.g711_init.restype = ctypes.c_void_p
    modes = {"a": 0, "mu": 1}

    def codec(law: str) -> ctypes.c_void_p:
        return ctypes.c_void_p(library.g711_init(None, modes[law]))

    def encode(law: str) -> bytes:
        codes = (ctypes.c_uint8 * len(SAMPLES))()
        library.g711_encode(codec(law), codes, (ctypes.c_int16 * len(SAMPLES))(*SAMPLES), len(SAMPLES))
        return bytes(codes)

    def decode(law: str) -> array.array:
        samples = (ctypes.c_int16 * len(CODES))()
        library.g711_decode(codec(law), samples, (ctypes.c_uint8 * len(CODES))(*CODES), len(CODES))
        return array.array("h", samples)

    return Oracle("spandsp", encode, decode)


def sndfile() -> Oracle:
    """libsndfile, by way of headerless files."""
    library = ctypes.CDLL(ctypes.util.find_library("sndfile"))
    library.sf_open.restype = ctypes.c_void_p
    raw, subtypes = 0x040000, {"mu": 0x0010, "a": 0x0011}
    read_mode, write_mode = 0x10, 0x20

    class Info(ctypes.Structure):
        _fields_ = [("frames", ctypes.c_int64)] + [
            (field, ctypes.c_int) for field in ("samplerate", "channels", "format", "sections", "seekable")
        ]

    def opened(path: pathlib.Path, mode: int, law: str) -> ctypes.c_void_p:
        info = Info(0, 8000, 1, raw | subtypes[law], 0, 0)
        return ctypes.c_void_p(library.sf_open(str(path).encode(), mode, ctypes.byref(info)))

    def through_file(work):
        with tempfile.TemporaryDirectory() as folder:
            return work(pathlib.Path(folder) / "raw")

    def encode(law: str) -> bytes:
        def work(path: pathlib.Path) -> bytes:
            file = opened(path, write_mode, law)
            words = (ctypes.c_short * len(SAMPLES))(*SAMPLES)
            library.sf_write_short(file, words, ctypes.c_int64(len(SAMPLES)))
            library.sf_close(file)
            return path.read_bytes()

        return through_file(work)

    def decode(law: str) -> array.array:
        def work(path: pathlib.Path) -> array.array:
            path.write_bytes(CODES)
            file = opened(path, read_mode, law)
            words = (ctypes.c_short * len(CODES))()
            library.sf_read_short(file, words, ctypes.c_int64(len(CODES)))
            library.sf_close(file)
            return array.array("h", words)

        return through_file(work)

    return Oracle("libsndfile", encode, decode)


def program(name: str, encoder: Callable[[str], list[str]], decoder: Callable[[str], list[str]]) -> Oracle:
    """An oracle that is a command reading standard input and writing standard output."""

    def piped(command: list[str], data: bytes) -> bytes:
        return subprocess.run(command, input=data, capture_output=True, check=True).stdout

    return Oracle(
        name,
        lambda law: piped(encoder(law), SAMPLES.tobytes()),
        lambda law: array.array("h", piped(decoder(law), CODES)),
    )


def ffmpeg() -> Oracle:
    """The encoders pcm_mulaw and pcm_alaw."""
    linear = ["-f", "s16le", "-ar", "8000", "-ac", "1"]
    formats = {"mu": "mulaw", "a": "alaw"}

    def command(source: list[str], target: list[str]) -> list[str]:
        return ["ffmpeg", "-v", "error", *source, "-i", "pipe:0", *target, "pipe:1"]

    def coded(law: str) -> list[str]:
        return ["-f", formats[law], "-ar", "8000", "-ac", "1"]

    return program("ffmpeg", lambda law: command(linear, coded(law)), lambda law: command(coded(law), linear))


def sox() -> Oracle:
    """SoX, with its dither off."""
    linear = ["-t", "raw", "-r", "8000", "-c", "1", "-e", "signed-integer", "-b", "16"]
    encodings = {"mu": "mu-law", "a": "a-law"}

    def coded(law: str) -> list[str]:
        return ["-t", "raw", "-r", "8000", "-c", "1", "-e", encodings[law], "-b", "8"]

    return program(
        "sox",
        lambda law: ["sox", "-D", "-V1", *linear, "-", *coded(law), "-"],
        lambda law: ["sox", "-D", "-V1", *coded(law), "-", *linear, "-"],
    )


def gstreamer() -> Oracle:
    """The elements mulawenc/mulawdec and alawenc/alawdec."""
    elements = {"mu": "mulaw", "a": "alaw"}

    def command(caps: str, element: str) -> list[str]:
        return ["gst-launch-1.0", "-q", "fdsrc", "fd=0", "!", caps, "!", element, "!", "fdsink", "fd=1"]

    return program(
        "gstreamer",
        lambda law: command("audio/x-raw,format=S16LE,rate=8000,channels=1,layout=interleaved", elements[law] + "enc"),
        lambda law: command(f"audio/x-{elements[law]},rate=8000,channels=1", elements[law] + "dec"),
    )
