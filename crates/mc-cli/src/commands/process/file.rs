//! The chain over a WAV file.

use mc_engine::AudioProcessor;

use super::ProcessArgs;
use super::tally::Tally;
use crate::audio::{Audio, wav};
use crate::failure::Failure;
use crate::output;
use crate::processing::{in_version, processing};

/// Processes the recording and says what was done.
pub(super) fn run(args: &ProcessArgs) -> Result<(), Failure> {
    let mic = wav::read(&args.input)?;
    let far = args.far.as_deref().map(|path| wav::read_far_end(path, mic.rate)).transpose()?;
    let version = args.version.of_both();
    let mut config = processing(&args.process, version);
    if far.is_none() {
        config = in_version(config.with_echo_cancellation(None), version);
    }
    let mut processor = AudioProcessor::new(&config, mic.rate)?;
    let (audio, tally) = run_chain(&mut processor, &mic, far.as_ref());
    wav::write(&args.output, mic.rate, &audio[..mic.samples.len()])?;
    let seconds = mic.samples.len() as f64 / f64::from(mic.rate.hz());
    output::line(format_args!("{seconds:.2} s at {} Hz: {tally}", mic.rate.hz()))
}

/// Each 10 ms of the far end are played before the microphone's same 10 ms are heard.
fn run_chain(processor: &mut AudioProcessor, mic: &Audio, far: Option<&Audio>) -> (Vec<f32>, Tally) {
    let mut audio = mic.padded_to(mic.frames());
    let far = far.map(|far| far.padded_to(mic.frames()));
    let mut far = far.iter().flat_map(|far| far.chunks_exact(mic.frame_samples()));
    let mut tally = Tally::default();
    for frame in audio.chunks_exact_mut(mic.frame_samples()) {
        if let Some(far) = far.next() {
            processor.render_audio(far);
        }
        tally.before(frame);
        let report = processor.process_capture_audio(frame);
        tally.after(frame, &report);
    }
    (audio, tally)
}
