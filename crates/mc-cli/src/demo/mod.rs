//! The demo: a call of two built-in endpoints through the relay, measured and drawn.

mod call;
mod dialogue;
mod direction;
mod endpoint;
mod measure;
mod microphone;
mod picture;
mod report;

use std::path::Path;

use self::call::Call;
use self::dialogue::RATE;
use self::direction::Direction;
use self::report::{Cost, Sides, Transport};
use crate::audio::wav;
use crate::failure::Failure;
use crate::version::Version;

pub(crate) use self::report::Report;

/// Holds the call, writes its audio and its picture into `folder`, and returns what there is to say.
/// `progress` is told how many seconds are over.
///
/// # Errors
/// [`Failure::Usage`] when `folder` cannot be written to, [`Failure::Run`] when the call fails.
pub(crate) fn run(
    seconds: u32,
    version: Version,
    folder: &Path,
    progress: impl FnMut(f64),
) -> Result<Report, Failure> {
    std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, error))?;
    let Call { dialogue, ada, ben, totals } = call::hold(seconds, version, progress)?;
    let from_ada = Direction::new(&ada.sent, &ben.received);
    let from_ben = Direction::new(&ben.sent, &ada.received);
    let (_, echo) = ada.microphone.into_parts();
    let echo = measure::echo(&from_ada, &dialogue.ada, &echo);
    let heard = Sides { ada: measure::speech(&from_ada), ben: measure::speech(&from_ben) };

    let mut report = Report {
        seconds,
        transport: Transport::of([&from_ada, &from_ben]),
        cost: Cost::of(&totals),
        erle_db: echo.map(|echo| echo.erle_db),
        echo,
        levels: Sides {
            ada: measure::levels(&from_ada, &dialogue.ada, &dialogue.ben),
            ben: measure::levels(&from_ben, &dialogue.ben, &dialogue.ada),
        },
        speech_segments: Sides { ada: measure::segments(&heard.ada), ben: measure::segments(&heard.ben) },
        files: Vec::new(),
    };
    let picture = folder.join("call.png");
    picture::of(&from_ada, &dialogue, &heard.ada, &report).write(&picture)?;
    report.files.push(picture);
    for (name, audio) in [
        ("ada-before.wav", &from_ada.before),
        ("ada-after.wav", &from_ada.after),
        ("ben-before.wav", &from_ben.before),
        ("ben-after.wav", &from_ben.after),
    ] {
        let path = folder.join(name);
        wav::write(&path, RATE, audio)?;
        report.files.push(path);
    }
    Ok(report)
}
