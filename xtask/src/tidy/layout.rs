//! Rules about crates: what each one's folder holds, and where unsafe code may stand.

use cargo_metadata::{Package, TargetKind};

use super::File;

/// The only places for unsafe code; every other crate forbids it.
const UNSAFE_PLACES: &[&str] = &[
    "crates/mc-pool/",
    "crates/mc-simd/",
    "crates/mc-g711/",
    "crates/mc-testkit/src/alloc",
    // A C library to compare with, behind a feature.
    "benches/benches/peers/spandsp.rs",
];

/// The crates that cannot forbid unsafe code as a whole because of [`UNSAFE_PLACES`].
const UNSAFE_CRATES: &[&str] = &["mc-pool", "mc-simd", "mc-g711", "mc-testkit"];

const FORBID: &str = "#![forbid(unsafe_code)]";
const FRONT_PAGE: &str = "#![doc = include_str!(\"../README.md\")]";

pub(super) fn check_unsafe_place(file: &File) -> Vec<String> {
    let is_place = UNSAFE_PLACES.iter().any(|place| file.path.starts_with(place));
    if !file.path.ends_with(".rs") || is_place {
        return Vec::new();
    }
    let has = |line: &str| {
        let code = line.trim_start();
        !code.starts_with("//")
            && ["{", "fn ", "impl "]
                .iter()
                .any(|next| code.contains(&format!(concat!("un", "safe {}"), next)))
    };
    let lines = file.content.lines().enumerate().filter(|(_, line)| has(line));
    lines.map(|(number, _)| format!("{}:{}: unsafe code outside its places", file.path, number + 1)).collect()
}

/// What cargo's description and the package's folder show.
pub(super) fn check_package(package: &Package) -> Vec<String> {
    let name = package.name.as_str();
    let mut findings = Vec::new();
    let folder = package.manifest_path.with_file_name("");
    let has = |file: &str| folder.join(file).exists();
    let is_crate = folder.parent().is_some_and(|parent| parent.ends_with("crates"));
    let is_published = package.publish.as_ref().is_none_or(|registries| !registries.is_empty());

    if is_crate && !has("README.md") {
        findings.push(format!("{name}: no README.md"));
    }
    if is_published && !has("CHANGELOG.md") {
        findings.push(format!("{name}: published, but no CHANGELOG.md"));
    }
    let manifest = std::fs::read_to_string(&package.manifest_path).unwrap_or_default();
    if !manifest.contains("[lints]\nworkspace = true") {
        findings.push(format!("{name}: does not take the workspace's lints"));
    }
    for target in &package.targets {
        let is_library = target.kind.contains(&TargetKind::Lib);
        if !is_library && !target.kind.contains(&TargetKind::Bin) {
            continue;
        }
        let source = std::fs::read_to_string(&target.src_path).unwrap_or_default();
        findings.extend(check_target_root(name, is_crate && is_library, &source));
    }
    findings
}

/// The lines that the root file of a library or program begins with.
fn check_target_root(package: &str, needs_front_page: bool, source: &str) -> Vec<String> {
    let mut findings = Vec::new();
    if !UNSAFE_CRATES.contains(&package) && !source.contains(FORBID) {
        findings.push(format!("{package}: a target without {FORBID}"));
    }
    if needs_front_page && !source.contains(FRONT_PAGE) {
        findings.push(format!("{package}: README.md is not the documentation's front page"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_must_forbid_unsafe_code_unless_its_crate_may_hold_some() {
        let source = format!("{FRONT_PAGE}\n{FORBID}\n");
        assert_eq!(check_target_root("mc-dsp", true, &source), Vec::<String>::new());
        assert_eq!(check_target_root("mc-dsp", true, FRONT_PAGE).len(), 1);
        assert_eq!(check_target_root("mc-pool", true, FRONT_PAGE), Vec::<String>::new());
        assert_eq!(check_target_root("mc-dsp", true, FORBID).len(), 1);
        assert_eq!(check_target_root("xtask", false, FORBID), Vec::<String>::new());
    }

    #[test]
    fn unsafe_code_is_found_outside_its_places() {
        let with = |path: &str, line: &str| {
            check_unsafe_place(&File { path: path.to_owned(), content: format!("{line}\n") }).len()
        };
        let block = concat!("let x = un", "safe { y };");
        assert_eq!(with("crates/mc-engine/src/lib.rs", block), 1);
        assert_eq!(with("crates/mc-engine/src/lib.rs", concat!("pub un", "safe fn x() {}")), 1);
        assert_eq!(with("crates/mc-pool/src/lib.rs", block), 0);
        assert_eq!(with("crates/mc-engine/src/lib.rs", concat!("// un", "safe { is not used }")), 0);
    }
}
