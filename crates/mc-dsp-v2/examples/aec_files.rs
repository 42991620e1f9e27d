//! Cancels the echo in a pair of WAV files (mono, 16-bit, same rate):
//! `aec_files aec --far FAR --mic MIC --out OUT`, other options of `mc aec` being accepted where they matter.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a tool of the developers")]

use mc_dsp::{EchoCanceller, Processor, SampleRate};
use mc_dsp_v2::aec::{AdvancedAcousticEchoCanceller, AdvancedAecConfig};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let option = |name: &str| arguments.iter().position(|a| a == name).map(|n| arguments[n + 1].clone());
    let read = |path: String| {
        let mut reader = hound::WavReader::open(path).unwrap();
        let samples: Vec<f32> = reader.samples::<i16>().map(|s| f32::from(s.unwrap()) / 32_768.0).collect();
        (reader.spec(), samples)
    };
    let (_, far) = read(option("--far").unwrap());
    let (spec, mic) = read(option("--mic").unwrap());
    let rate = SampleRate::try_from(spec.sample_rate).unwrap();
    let version = option("--version").unwrap_or_default();
    let suppression = !version.starts_with("linear");
    let runs: usize = option("--repeat").map_or(1, |n| n.parse().unwrap());
    let trace = std::env::var_os("TRACE").is_some();
    let frame = rate.samples_in_ms(10);
    let mut times = Vec::new();
    let mut out = Vec::new();
    let mut aec =
        AdvancedAcousticEchoCanceller::new(AdvancedAecConfig::default().with_suppression(suppression), rate)
            .unwrap();
    for _ in 0..runs {
        aec.reset();
        out = mic.clone();
        let start = std::time::Instant::now();
        for (n, (far, near)) in far.chunks_exact(frame).zip(out.chunks_exact_mut(frame)).enumerate() {
            aec.render(far).unwrap();
            aec.process(near).unwrap();
            if trace && n % 25 == 0 {
                println!("{:.2} {:?}", n as f32 / 100.0, aec.status());
            }
        }
        times.push(start.elapsed().as_secs_f64() * 1e6 / (out.len() / frame) as f64);
    }
    times.sort_by(f64::total_cmp);
    if runs > 1 {
        println!(
            "{{\"us_per_10ms\": {}, \"state_bytes\": {}, \"latency_samples\": {}}}",
            times[0],
            aec.state_bytes(),
            aec.latency_samples()
        );
    }
    let mut writer = hound::WavWriter::create(option("--out").unwrap(), spec).unwrap();
    for sample in &out {
        writer.write_sample((sample * 32_768.0).round() as i16).unwrap();
    }
    writer.finalize().unwrap();
}
