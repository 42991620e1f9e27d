//! `cargo xtask dag`: the crates use each other bottom-up, as listed, and in no other way.

mod arrows;

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata};

use crate::{Outcome, workspace};
use arrows::{Arrows, CRATES, Crate, TESTKIT, ThirdParty};

/// What one crate's manifest names, ours apart from the registry's.
#[derive(Default, Clone)]
struct Uses {
    ours: BTreeSet<String>,
    ours_in_tests: BTreeSet<String>,
    third_party: BTreeSet<String>,
}

pub(crate) fn run() -> Outcome {
    let uses = uses_of(&workspace::metadata()?);
    let findings = check(CRATES, &uses);
    if !findings.is_empty() {
        return Err(format!(
            "{}\ndag: {} arrow(s) differ from xtask/src/dag/arrows.rs",
            findings.join("\n"),
            findings.len()
        ));
    }
    print!("{}", picture(CRATES, &uses));
    Ok(())
}

/// Reads the arrows out of cargo's description. A dependency by path is one of ours.
fn uses_of(metadata: &Metadata) -> BTreeMap<String, Uses> {
    let mut all = BTreeMap::new();
    for package in metadata.workspace_packages() {
        let uses: &mut Uses = all.entry(package.name.to_string()).or_default();
        for dependency in &package.dependencies {
            let set = match (dependency.path.is_some(), dependency.kind) {
                (true, DependencyKind::Development) => &mut uses.ours_in_tests,
                (true, _) => &mut uses.ours,
                (false, DependencyKind::Development) => continue,
                (false, _) => &mut uses.third_party,
            };
            set.insert(dependency.name.clone());
        }
    }
    all
}

/// One sentence for each way in which `uses` differs from `crates`.
fn check(crates: &[Crate], uses: &BTreeMap<String, Uses>) -> Vec<String> {
    let layers: BTreeMap<&str, u8> = crates.iter().map(|each| (each.name, each.layer)).collect();
    let mut findings = Vec::new();
    for name in uses.keys().filter(|name| !layers.contains_key(name.as_str())) {
        findings.push(format!("{name} is in the workspace but has no layer"));
    }
    for each in crates {
        match uses.get(each.name) {
            None => findings.push(format!("{} has a layer but is not in the workspace", each.name)),
            Some(uses) => check_one(each, uses, &layers, &mut findings),
        }
    }
    findings
}

fn check_one(each: &Crate, uses: &Uses, layers: &BTreeMap<&str, u8>, findings: &mut Vec<String>) {
    let name = each.name;
    let is_below = |other: &str| layers.get(other).is_some_and(|&layer| layer < each.layer);

    for used in &uses.ours {
        if let Arrows::Exactly(listed) = each.arrows
            && !listed.contains(&used.as_str())
        {
            findings.push(format!("{name} -> {used} is not in the list"));
        } else if !is_below(used) {
            findings.push(format!("{name} -> {used} does not point to a lower layer"));
        }
    }
    if let Arrows::Exactly(listed) = each.arrows {
        for listed in listed.iter().filter(|listed| !uses.ours.contains(**listed)) {
            findings.push(format!("{name} -> {listed} is in the list but no longer in the manifest"));
        }
    }
    for used in &uses.ours_in_tests {
        if used != TESTKIT && used != name && !is_below(used) {
            findings.push(format!("{name}'s tests -> {used}: neither {TESTKIT} nor a lower layer"));
        }
    }
    if let ThirdParty::AtMost(allowed) = each.third_party {
        for used in uses.third_party.iter().filter(|used| !allowed.contains(&used.as_str())) {
            findings.push(format!("{name} uses {used}, which its layer does not allow"));
        }
    }
}

/// The layers from the bottom up, each crate with its arrows and, in brackets, what it takes from the registry.
fn picture(crates: &[Crate], uses: &BTreeMap<String, Uses>) -> String {
    let mut text = String::new();
    let mut shown = None;
    for each in crates {
        let layer = if shown == Some(each.layer) { String::new() } else { format!("L{}", each.layer) };
        shown = Some(each.layer);
        let uses = uses.get(each.name).cloned().unwrap_or_default();
        let mut line = format!("{layer:<4}{:<17}", each.name);
        if !uses.ours.is_empty() {
            line.push_str("-> ");
            line.push_str(&join(&uses.ours));
        }
        if !uses.third_party.is_empty() {
            line.push_str(&format!("  ({})", join(&uses.third_party)));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn join(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUSE: &[Crate] = &[
        Crate {
            name: "cellar",
            layer: 0,
            arrows: Arrows::Exactly(&[]),
            third_party: ThirdParty::AtMost(&["stone"]),
        },
        Crate { name: TESTKIT, layer: 0, arrows: Arrows::Exactly(&[]), third_party: ThirdParty::Any },
        Crate {
            name: "floor",
            layer: 1,
            arrows: Arrows::Exactly(&["cellar"]),
            third_party: ThirdParty::AtMost(&[]),
        },
        Crate { name: "roof", layer: 2, arrows: Arrows::AnyBelow, third_party: ThirdParty::Any },
    ];

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn house() -> BTreeMap<String, Uses> {
        let mut uses = BTreeMap::new();
        uses.insert("cellar".to_owned(), Uses { third_party: set(&["stone"]), ..Uses::default() });
        uses.insert(TESTKIT.to_owned(), Uses { third_party: set(&["lamp"]), ..Uses::default() });
        let floor = Uses { ours: set(&["cellar"]), ours_in_tests: set(&[TESTKIT]), ..Uses::default() };
        uses.insert("floor".to_owned(), floor);
        uses.insert("roof".to_owned(), Uses { ours: set(&["cellar", TESTKIT]), ..Uses::default() });
        uses
    }

    fn findings_after(change: impl FnOnce(&mut BTreeMap<String, Uses>)) -> Vec<String> {
        let mut uses = house();
        change(&mut uses);
        check(HOUSE, &uses)
    }

    fn entry<'a>(uses: &'a mut BTreeMap<String, Uses>, name: &str) -> &'a mut Uses {
        uses.get_mut(name).unwrap()
    }

    #[test]
    fn the_house_as_listed_is_fine() {
        assert_eq!(check(HOUSE, &house()), Vec::<String>::new());
    }

    #[test]
    fn an_unlisted_arrow_is_found() {
        let findings = findings_after(|uses| {
            entry(uses, "floor").ours.insert(TESTKIT.to_owned());
        });
        assert_eq!(findings, ["floor -> mc-testkit is not in the list"]);
    }

    #[test]
    fn a_listed_arrow_that_is_gone_is_found() {
        let findings = findings_after(|uses| entry(uses, "floor").ours.clear());
        assert_eq!(findings, ["floor -> cellar is in the list but no longer in the manifest"]);
    }

    #[test]
    fn an_upward_arrow_is_found_in_code_and_in_tests() {
        let findings = findings_after(|uses| {
            entry(uses, "roof").ours.insert("roof".to_owned());
            entry(uses, "cellar").ours_in_tests.insert("floor".to_owned());
        });
        assert_eq!(
            findings,
            [
                "cellar's tests -> floor: neither mc-testkit nor a lower layer",
                "roof -> roof does not point to a lower layer"
            ]
        );
    }

    #[test]
    fn a_foreign_crate_that_the_layer_does_not_allow_is_found() {
        let findings = findings_after(|uses| {
            entry(uses, "floor").third_party.insert("stone".to_owned());
        });
        assert_eq!(findings, ["floor uses stone, which its layer does not allow"]);
    }

    #[test]
    fn crates_missing_on_either_side_are_found() {
        let findings = findings_after(|uses| {
            uses.remove("cellar");
            uses.insert("shed".to_owned(), Uses::default());
        });
        assert_eq!(
            findings,
            ["shed is in the workspace but has no layer", "cellar has a layer but is not in the workspace"]
        );
    }

    #[test]
    fn every_listed_arrow_points_down() {
        let layers: BTreeMap<&str, u8> = CRATES.iter().map(|each| (each.name, each.layer)).collect();
        for each in CRATES {
            if let Arrows::Exactly(listed) = each.arrows {
                for other in listed {
                    assert!(layers[other] < each.layer, "{} -> {other}", each.name);
                }
            }
        }
    }

    #[test]
    fn the_manifests_of_made_up_packages_are_read() {
        let package = |name: &str, dependencies: &str| {
            format!(
                r#"{{"name":"{name}","version":"1.0.0","id":"{name}","dependencies":[{dependencies}],
                "targets":[],"features":{{}},"manifest_path":"/{name}/Cargo.toml"}}"#
            )
        };
        let dependency = |name: &str, kind: &str, path: &str| {
            format!(
                r#"{{"name":"{name}","req":"*","kind":{kind},"optional":false,"uses_default_features":true,
                "features":[]{path}}}"#
            )
        };
        let floor = [
            dependency("cellar", "null", r#","path":"/cellar""#),
            dependency(TESTKIT, r#""dev""#, r#","path":"/kit""#),
            dependency("stone", "null", ""),
            dependency("plumb-line", r#""dev""#, ""),
        ]
        .join(",");
        let json = format!(
            r#"{{"packages":[{},{}],"workspace_members":["cellar","floor"],"resolve":null,
            "workspace_root":"/","target_directory":"/target","version":1}}"#,
            package("cellar", ""),
            package("floor", &floor)
        );
        let metadata: Metadata = serde_json::from_str(&json).unwrap();
        let uses = uses_of(&metadata);
        assert_eq!(uses["floor"].ours, set(&["cellar"]));
        assert_eq!(uses["floor"].ours_in_tests, set(&[TESTKIT]));
        assert_eq!(uses["floor"].third_party, set(&["stone"]));
    }
}
