//! Prometheus' text format, version 0.0.4.

use std::fmt::{Display, Write};

use mc_engine::HistogramSnapshot;

/// Families of samples as text.
#[derive(Debug, Default)]
pub(super) struct Exposition(String);

impl Exposition {
    /// One number that goes up and down.
    pub(super) fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, "gauge", help);
        self.sample(name, &[], value);
    }

    /// One number that only grows.
    pub(super) fn counter(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, "counter", help);
        self.sample(name, &[], value);
    }

    /// What stands before the samples of a family.
    pub(super) fn family(&mut self, name: &str, kind: &str, help: &str) {
        self.write(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    /// One sample of the latest family.
    pub(super) fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.write(format_args!("{name}"));
        for (index, (label, text)) in labels.iter().enumerate() {
            let before = if index == 0 { '{' } else { ',' };
            self.write(format_args!("{before}{label}=\"{}\"", escaped(text)));
        }
        let after = if labels.is_empty() { "" } else { "}" };
        self.write(format_args!("{after} {value}\n"));
    }

    /// A distribution of nanoseconds as seconds, counted up to each of `bounds_ns`, which ascend.
    pub(super) fn histogram(&mut self, name: &str, help: &str, taken: &HistogramSnapshot, bounds_ns: &[u64]) {
        self.family(name, "histogram", help);
        let bucket = format!("{name}_bucket");
        for &bound in bounds_ns {
            self.sample(&bucket, &[("le", &(bound as f64 / 1e9).to_string())], taken.at_most(bound));
        }
        self.sample(&bucket, &[("le", "+Inf")], taken.count);
        self.sample(&format!("{name}_sum"), &[], taken.sum() as f64 / 1e9);
        self.sample(&format!("{name}_count"), &[], taken.count);
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        // A string takes whatever is written to it.
        let _ = self.0.write_fmt(text);
    }
}

fn escaped(label: &str) -> String {
    label.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use mc_engine::Histogram;

    use super::*;

    #[test]
    fn samples_stand_under_their_family() {
        let mut text = Exposition::default();
        text.gauge("a", "What a is.", 3);
        text.family("b_total", "counter", "What b is.");
        text.sample("b_total", &[("leg", "A"), ("reason", "x\"\\\n")], 7);
        assert_eq!(
            text.into_text(),
            "# HELP a What a is.\n# TYPE a gauge\na 3\n\
             # HELP b_total What b is.\n# TYPE b_total counter\nb_total{leg=\"A\",reason=\"x\\\"\\\\\\n\"} 7\n"
        );
    }

    #[test]
    fn buckets_are_cumulative() {
        let taken = Histogram::new();
        for ns in [1_000, 30_000, 30_000, 5_000_000] {
            taken.record(ns);
        }
        let mut text = Exposition::default();
        text.histogram("t_seconds", "Time.", &taken.snapshot(), &[10_000, 100_000]);
        let text = text.into_text();
        let samples: Vec<&str> = text.lines().skip(2).collect();
        assert_eq!(
            samples,
            [
                "t_seconds_bucket{le=\"0.00001\"} 1",
                "t_seconds_bucket{le=\"0.0001\"} 3",
                "t_seconds_bucket{le=\"+Inf\"} 4",
                "t_seconds_sum 0.005061",
                "t_seconds_count 4",
            ]
        );
    }
}
