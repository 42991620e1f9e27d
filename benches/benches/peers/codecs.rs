//! G.711: our codec at every level the CPU has, and other people's.

use std::hint::black_box;

use mc_benches::Failure;
use mc_benches::input::SAMPLES;
use mc_g711::{G711, Law, SimdLevel};

use crate::comparison::{Comparison, ROUNDS, Rounds};
use crate::contest::Timer;
use crate::frames::{FRAMES, Frames};
use crate::spandsp::Spandsp;

type Encode = dyn Fn(&[i16], &mut [u8]);
type Decode = dyn Fn(&[u8], &mut [i16]);

/// Someone's codec, on slices of one length. The call through a pointer costs everyone the same.
struct Codec {
    name: &'static str,
    encode: Box<Encode>,
    decode: Box<Decode>,
}

impl Codec {
    fn ours(codec: G711) -> Self {
        Self {
            name: codec.level().name(),
            // Lengths are equal by the promise of `Codec`.
            encode: Box::new(move |samples, codes| _ = codec.encode(samples, codes)),
            decode: Box::new(move |codes, samples| _ = codec.decode(codes, samples)),
        }
    }

    fn spandsp(law: Law) -> Result<Self, Failure> {
        let (encoder, decoder) = (Spandsp::new(law)?, Spandsp::new(law)?);
        Ok(Self {
            name: "libspandsp",
            encode: Box::new(move |samples, codes| encoder.encode(samples, codes)),
            decode: Box::new(move |codes, samples| decoder.decode(codes, samples)),
        })
    }

    /// A codec of single samples. Generic, so that the loop and the codec are compiled as one.
    fn by_sample(
        name: &'static str,
        encode: impl Fn(i16) -> u8 + 'static,
        decode: impl Fn(u8) -> i16 + 'static,
    ) -> Self {
        Self {
            name,
            encode: Box::new(move |samples, codes| {
                for (code, &sample) in codes.iter_mut().zip(samples) {
                    *code = encode(sample);
                }
            }),
            decode: Box::new(move |codes, samples| {
                for (sample, &code) in samples.iter_mut().zip(codes) {
                    *sample = decode(code);
                }
            }),
        }
    }
}

/// All codecs of one law.
pub(crate) struct Contestants {
    law: Law,
    ours: Vec<Codec>,
    peers: Vec<Codec>,
}

impl Contestants {
    pub(crate) fn new(law: Law) -> Result<Self, Failure> {
        use audio_codec_algorithms as aca;
        let peers = match law {
            Law::Mu => vec![
                Codec::by_sample("ezk-g711", ezk_g711::mulaw::encode, ezk_g711::mulaw::decode),
                Codec::by_sample("audio-codec-algorithms", aca::encode_ulaw, aca::decode_ulaw),
            ],
            Law::A => vec![
                Codec::by_sample("ezk-g711", ezk_g711::alaw::encode, ezk_g711::alaw::decode),
                Codec::by_sample("audio-codec-algorithms", aca::encode_alaw, aca::decode_alaw),
            ],
        };
        // VBMI's codec is that of AVX-512BW.
        let levels = SimdLevel::available().filter(|level| *level != SimdLevel::Avx512Vbmi);
        let ours = levels.map(|level| Ok(Codec::ours(G711::new(law).with_level(level)?)));
        Ok(Self {
            law,
            ours: ours.collect::<Result<_, Failure>>()?,
            peers: [vec![Codec::spandsp(law)?], peers].into_iter().flatten().collect(),
        })
    }

    /// Says how much of the work is the same: who differs from ITU-T, and in how many values.
    pub(crate) fn print_differences(&self) {
        let reference = G711::new(self.law);
        let samples: Vec<i16> = (i16::MIN..=i16::MAX).collect();
        let codes: Vec<u8> = (0..=u8::MAX).collect();
        println!("{:?}-law, values that differ from ITU-T G.191", self.law);
        for codec in self.ours.iter().chain(&self.peers) {
            let (mut encoded, mut decoded) = (vec![0; samples.len()], vec![0; codes.len()]);
            (codec.encode)(&samples, &mut encoded);
            (codec.decode)(&codes, &mut decoded);
            let encoder = samples.iter().zip(&encoded).filter(|(x, y)| reference.encode_sample(**x) != **y);
            let decoder = codes.iter().zip(&decoded).filter(|(x, y)| reference.decode_code(**x) != **y);
            let (encoder, decoder) = (encoder.count(), decoder.count());
            println!("  {:<28}{encoder:>6} of 65536, {decoder:>3} of 256", codec.name);
        }
    }

    pub(crate) fn encode(&self, frames: &Frames) -> Result<Comparison, Failure> {
        self.compare("encode", |codec, frame, room| {
            (codec.encode)(frames.samples(frame), &mut room.codes);
            black_box(&room.codes);
        })
    }

    pub(crate) fn decode(&self, frames: &Frames) -> Result<Comparison, Failure> {
        self.compare("decode", |codec, frame, room| {
            (codec.decode)(frames.codes(frame), &mut room.samples);
            black_box(&room.samples);
        })
    }

    /// Lets every codec do its work on one frame after the other.
    fn compare(
        &self,
        operation: &str,
        work: impl Fn(&Codec, usize, &mut Room),
    ) -> Result<Comparison, Failure> {
        let mut rounds = Rounds::new(FRAMES);
        let mut room = Room { codes: [0; SAMPLES], samples: [0; SAMPLES] };
        for _ in 0..ROUNDS {
            for codec in self.ours.iter().chain(&self.peers) {
                let mut frame = 0;
                rounds.time(codec.name, || {
                    work(codec, frame, &mut room);
                    frame = (frame + 1) % FRAMES;
                });
            }
        }
        let names = |codecs: &[Codec]| codecs.iter().map(|codec| codec.name).collect::<Vec<_>>();
        let title = format!("{:?}-law {operation}, {SAMPLES} samples", self.law);
        Comparison::new(title, &names(&self.ours), &names(&self.peers), &rounds)
    }
}

/// Where results go, aligned like the frames of a pool.
#[repr(align(64))]
struct Room {
    codes: [u8; SAMPLES],
    samples: [i16; SAMPLES],
}
