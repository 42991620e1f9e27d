//! `mc g711`: raw 16-bit audio to G.711 and back.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use mc_g711::{Convention, G711, Law};

use crate::failure::Failure;

/// Samples converted at a time.
const BLOCK: usize = 32_768;

#[derive(Args)]
pub(crate) struct G711Args {
    #[command(subcommand)]
    direction: Direction,
}

#[derive(Subcommand)]
enum Direction {
    /// Raw 16-bit little-endian samples to G.711 codes
    Encode(Conversion),
    /// G.711 codes to raw 16-bit little-endian samples
    Decode(Conversion),
}

#[derive(Args)]
struct Conversion {
    /// Companding law
    #[arg(long)]
    law: LawName,
    /// How the encoder rounds where implementations differ; decoders do not differ
    #[arg(long, default_value = "itu")]
    convention: ConventionName,
    /// File to read
    input: PathBuf,
    /// File to write
    output: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum LawName {
    /// Mu-law, PCMU in RTP
    Mu,
    /// A-law, PCMA in RTP
    A,
}

impl LawName {
    pub(crate) const fn law(self) -> Law {
        match self {
            Self::Mu => Law::Mu,
            Self::A => Law::A,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum ConventionName {
    /// As ITU-T G.711 and its reference code
    Itu,
    /// As spandsp
    Spandsp,
    /// As Python's audioop
    Audioop,
}

/// Converts the file.
pub(crate) fn run(args: &G711Args) -> Result<(), Failure> {
    match &args.direction {
        Direction::Encode(conversion) => conversion.encode(),
        Direction::Decode(conversion) => conversion.decode(),
    }
}

impl Conversion {
    fn codec(&self) -> G711 {
        G711::new(self.law.law()).with_convention(match self.convention {
            ConventionName::Itu => Convention::Itu,
            ConventionName::Spandsp => Convention::Spandsp,
            ConventionName::Audioop => Convention::Audioop,
        })
    }

    fn encode(&self) -> Result<(), Failure> {
        let codec = self.codec();
        let (mut input, mut output) = self.open(2)?;
        let mut bytes = vec![0u8; 2 * BLOCK];
        let mut samples = Vec::with_capacity(BLOCK);
        let mut codes = vec![0u8; BLOCK];
        loop {
            let pairs = read_block(&self.input, &mut input, &mut bytes)?;
            if pairs.is_empty() {
                return output.flush().map_err(|error| Failure::writing(&self.output, &error));
            }
            let (pairs, rest) = pairs.as_chunks::<2>();
            if !rest.is_empty() {
                return Err(self.odd_length());
            }
            samples.clear();
            samples.extend(pairs.iter().map(|pair| i16::from_le_bytes(*pair)));
            let codes = &mut codes[..samples.len()];
            codec.encode(&samples, codes).map_err(Failure::run)?;
            output.write_all(codes).map_err(|error| Failure::writing(&self.output, &error))?;
        }
    }

    fn decode(&self) -> Result<(), Failure> {
        let codec = self.codec();
        let (mut input, mut output) = self.open(1)?;
        let mut codes = vec![0u8; BLOCK];
        let mut samples = vec![0i16; BLOCK];
        let mut bytes = Vec::with_capacity(2 * BLOCK);
        loop {
            let codes = read_block(&self.input, &mut input, &mut codes)?;
            if codes.is_empty() {
                return output.flush().map_err(|error| Failure::writing(&self.output, &error));
            }
            let samples = &mut samples[..codes.len()];
            codec.decode(codes, samples).map_err(Failure::run)?;
            bytes.clear();
            bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
            output.write_all(&bytes).map_err(|error| Failure::writing(&self.output, &error))?;
        }
    }

    /// Opens both files, the second only once nothing speaks against the first: opening it empties it.
    fn open(&self, bytes_per_sample: u64) -> Result<(File, BufWriter<File>), Failure> {
        let input = File::open(&self.input).map_err(|error| Failure::file(&self.input, error))?;
        let about = input.metadata().map_err(|error| Failure::file(&self.input, error))?;
        if about.is_dir() {
            return Err(Failure::file(&self.input, "is a folder"));
        }
        if about.is_file() && about.len() % bytes_per_sample != 0 {
            return Err(self.odd_length());
        }
        if about.is_file() && same_file(&self.input, &self.output) {
            return Err(Failure::file(&self.output, "is the input file as well"));
        }
        let output = File::create(&self.output).map_err(|error| Failure::file(&self.output, error))?;
        Ok((input, BufWriter::new(output)))
    }

    fn odd_length(&self) -> Failure {
        Failure::file(&self.input, "has an odd number of bytes, but a 16-bit sample has two")
    }
}

fn same_file(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

/// Fills as much of `block` as the file still holds.
fn read_block<'a>(path: &Path, file: &mut File, block: &'a mut [u8]) -> Result<&'a [u8], Failure> {
    let mut filled = 0;
    while filled < block.len() {
        match file.read(&mut block[filled..]).map_err(|error| Failure::file(path, error))? {
            0 => break,
            more => filled += more,
        }
    }
    Ok(&block[..filled])
}
