//! Regressions that are known: `benches/baselines/waivers.json` says why each may stay, and until when.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;

use super::baseline;
use super::compare::{Line, Verdict};
use crate::Outcome;

/// Leave for one value to be worse than it should be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Waiver {
    /// The value, as reports name it: `simd/gain/instructions`, or a floor's contest and level.
    name: String,
    /// Why.
    reason: String,
    /// The last day that it holds, `YYYY-MM-DD` in UTC.
    expires: String,
}

/// The committed waivers, every one of them in force.
#[derive(Debug)]
pub(super) struct Waivers(Vec<Waiver>);

impl Waivers {
    /// The committed ones. Expired ones, and those that lack a reason or a date, are errors.
    pub(super) fn load() -> Outcome<Self> {
        let file = baseline::folder().join("waivers.json");
        let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let waivers = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        Self::in_force(waivers, &today()?)
    }

    fn in_force(waivers: Vec<Waiver>, today: &str) -> Outcome<Self> {
        for waiver in &waivers {
            let Waiver { name, reason, expires } = waiver;
            if reason.trim().is_empty() {
                return Err(format!("the waiver of {name} gives no reason"));
            }
            if !is_date(expires) {
                return Err(format!("the waiver of {name} expires on {expires}, not on a YYYY-MM-DD"));
            }
            // Dates written this way are ordered as their texts are.
            if expires.as_str() < today {
                return Err(format!("the waiver of {name} expired on {expires}: {reason}"));
            }
        }
        Ok(Self(waivers))
    }

    /// Why `name` may be worse, if it may.
    pub(super) fn reason(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|waiver| waiver.name == name).map(|waiver| waiver.reason.as_str())
    }

    /// Turns instruction counts that are worse into waived where there is leave. Nothing else can be waived here.
    pub(super) fn apply(&self, lines: &mut [Line]) {
        let waivable = |line: &Line| line.verdict == Verdict::Worse && line.name.ends_with("/instructions");
        for line in lines.iter_mut().filter(|line| waivable(line) && self.reason(&line.name).is_some()) {
            line.verdict = Verdict::Waived;
        }
    }
}

fn is_date(text: &str) -> bool {
    let shape =
        |(place, c): (usize, char)| if matches!(place, 4 | 7) { c == '-' } else { c.is_ascii_digit() };
    text.len() == 10 && text.chars().enumerate().all(shape)
}

fn today() -> Outcome<String> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let since = since.map_err(|_| "the clock is set to a time before 1970".to_owned())?;
    Ok(date(since.as_secs() / 86_400))
}

/// The Gregorian date `days` after 1970-01-01.
fn date(days: u64) -> String {
    let (mut year, mut left) = (1970, days);
    let leap = |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    while left >= 365 + u64::from(leap(year)) {
        left -= 365 + u64::from(leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if left < length {
            break;
        }
        left -= length;
        month += 1;
    }
    format!("{year:04}-{month:02}-{:02}", left + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waivers(reason: &str, expires: &str) -> Outcome<Waivers> {
        let waiver = |name: &str| Waiver {
            name: name.to_owned(),
            reason: reason.to_owned(),
            expires: expires.to_owned(),
        };
        Waivers::in_force(vec![waiver("gain/instructions"), waiver("gain/copies")], "2026-11-22")
    }

    #[test]
    fn days_are_counted_from_1970() {
        for (days, expected) in [
            (0, "1970-01-01"),
            (364, "1970-12-31"),
            (789, "1972-02-29"),
            (11_016, "2000-02-29"),
            (20_779, "2026-11-22"),
            (20_818, "2026-12-31"),
        ] {
            assert_eq!(date(days), expected, "{days}");
        }
    }

    #[test]
    fn a_waiver_holds_on_its_last_day_and_not_after() {
        assert!(waivers("why", "2026-11-22").is_ok());
        assert!(waivers("why", "2026-11-21").is_err());
    }

    #[test]
    fn a_waiver_without_reason_or_date_is_refused() {
        assert!(waivers(" ", "2027-01-01").is_err());
        for expires in ["", "never", "2027-1-1", "01.01.2027"] {
            assert!(waivers("why", expires).is_err(), "{expires}");
        }
    }

    #[test]
    fn only_instructions_that_are_worse_and_named_are_waived() {
        let line = |name: &str, verdict| Line {
            name: name.to_owned(),
            baseline: None,
            measured: None,
            verdict,
            grown: Vec::new(),
        };
        let mut lines = [
            line("gain/instructions", Verdict::Worse),
            line("gain/copies", Verdict::Worse),
            line("gain/instructions", Verdict::Changed),
            line("mix/instructions", Verdict::Worse),
        ];
        waivers("why", "2027-01-01").unwrap().apply(&mut lines);
        let verdicts = lines.map(|line| line.verdict);
        assert_eq!(verdicts, [Verdict::Waived, Verdict::Worse, Verdict::Changed, Verdict::Worse]);
    }
}
