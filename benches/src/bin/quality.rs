//! How well the voice processors work, one `area/version/scene/what NUMBER` a line; `quality AREA…` measures
//! those areas only.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "printing is what this program is for")]

use mc_benches::Failure;
use mc_benches::quality::AREAS;

fn main() -> Result<(), Failure> {
    let asked_for: Vec<String> = std::env::args().skip(1).collect();
    if let Some(unknown) = asked_for.iter().find(|name| AREAS.iter().all(|(area, _)| area != name)) {
        return Err(format!("there is no area `{unknown}`").into());
    }
    for (area, measures) in AREAS {
        if asked_for.is_empty() || asked_for.iter().any(|name| name == area) {
            for (name, value) in measures()? {
                println!("{name} {value:.3}");
            }
        }
    }
    Ok(())
}
