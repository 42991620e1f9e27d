//! The relay's status page in a real browser, while a call is up.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use crate::{Outcome, process};

/// How long the page may fetch and draw, in ms of its own clock.
const BUDGET_MS: u32 = 4_000;

/// Whether the page shows that calls are taken, both legs of the one that is up, and how busy the workers are. Skipped where there is no
/// chromium: it is too large to install for one page.
pub(super) fn judge(http: SocketAddr, folder: &Path) -> Outcome<bool> {
    if !process::works("chromium", &["--version"]) {
        println!("browser       skipped: there is no chromium here (Debian package chromium)");
        return Ok(true);
    }
    let mut chromium = Command::new("chromium");
    chromium
        .args(["--headless", "--no-sandbox", "--disable-gpu"])
        .arg(format!("--user-data-dir={}", folder.join("chromium").display()))
        .args([&format!("--virtual-time-budget={BUDGET_MS}"), "--dump-dom", &format!("http://{http}/")]);
    let page = process::read(&mut chromium)?;
    let shown = page.split("<script>").next().unwrap_or_default();
    let takes_calls = shown.contains("takes calls");
    let [legs, pictures, workers] =
        ["class=\"name\"", "<svg", "<meter"].map(|part| shown.matches(part).count());
    let good = takes_calls && legs == 2 && pictures == 2 * legs && workers > 0;
    println!(
        "browser       the page {} that calls are taken, and shows {legs} legs in {pictures} pictures, and {workers} \
         workers{}",
        if takes_calls { "says" } else { "does not say" },
        if good { "" } else { "  FAILED" }
    );
    Ok(good)
}
