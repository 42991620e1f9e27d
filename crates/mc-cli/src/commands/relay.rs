//! `mc relay`: carries calls until it is told to stop.

use std::collections::HashMap;
use std::io::{self, IsTerminal};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use mc_relay::{
    CallTotals, Checkpoint, DialogId, DropReason, EndReason, ForkServer, HttpServer, LegConfig, LegId,
    LegMetrics, MediaConfig, MediaSessionController, MediaSessionInfo, NgConfig, NgServer, NgService,
    Recorder, RelayError, RelayEvent,
};
use tracing_subscriber::filter::LevelFilter;

use super::relay_options::RelayOptions;
use crate::call_spec::{CallSpec, PeerSpec};
use crate::failure::Failure;
use crate::output;
use crate::processing::processing;

/// How soon a signal to stop is noticed.
const PATIENCE: Duration = Duration::from_millis(100);

#[derive(Args)]
pub(crate) struct RelayArgs {
    /// A call between two peers: IP:PORT[/pcmu|/pcma],IP:PORT[/pcmu|/pcma]; can be given more than once
    #[arg(long = "call", value_name = "A,B")]
    calls: Vec<CallSpec>,
    /// Options in TOML, by their names without dashes; those of the command line go before
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    options: RelayOptions,
}

/// Relays until a signal, or until every call that was named has timed out.
pub(crate) fn run(args: &RelayArgs) -> Result<(), Failure> {
    let file = args.config.as_deref().map(RelayOptions::read).transpose()?;
    let options = args.options.clone().or(file.unwrap_or_default());
    start_log(options.log.unwrap_or(LevelFilter::WARN))?;
    let stop = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&stop);
    ctrlc::set_handler(move || seen.store(true, Ordering::Relaxed)).map_err(Failure::run)?;

    let relay = || MediaSessionController::new(options.config()).map_err(refuse);
    match (options.ng, options.media_ip.as_slice(), args.calls.as_slice()) {
        (None, _, []) => Err(Failure::usage("--call A,B or --ng IP:PORT is missing")),
        (Some(_), _, [_, ..]) => Err(Failure::usage("--call and --ng cannot be used together")),
        (Some(_), [], []) => Err(Failure::usage("--ng needs --media-ip")),
        (None, [_, _, ..], _) => Err(Failure::usage("a second --media-ip needs --ng")),
        (Some(address), [first, others @ ..], []) => {
            let media = others.iter().fold(NgConfig::at(*first), |media, ip| media.with_media_ip(*ip));
            serve(&options, address, media, relay()?, &stop)
        }
        (None, _, calls) => match options.of_service() {
            Some(name) => Err(Failure::usage(format_args!("{name} needs --ng"))),
            None => carry(calls, &options, relay()?, &stop),
        },
    }
}

/// Serves proxies until a signal; then the calls have `drain` seconds to end.
fn serve(
    options: &RelayOptions,
    address: SocketAddr,
    media: NgConfig,
    relay: MediaSessionController,
    stop: &AtomicBool,
) -> Result<(), Failure> {
    let processing = (!options.process.is_empty())
        .then(|| processing(&options.process, options.version.unwrap_or_default()));
    let media_ips = media.media_ips.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(",");
    let config = media
        .with_advertised_ip(options.advertise)
        .with_max_calls(options.max_calls.unwrap_or(usize::MAX))
        .with_processing(processing);
    let relay = Arc::new(relay);
    let mut service = NgService::new(Arc::clone(&relay), config).map_err(Failure::usage)?;
    if let Some(folder) = &options.record_dir {
        let recorder =
            Recorder::new(Arc::clone(&relay), folder).map_err(|error| Failure::file(folder, error))?;
        let format = options.record_format.unwrap_or_default();
        service = service.with_recorder(Arc::new(recorder.with_format(format)));
    }
    if let Some(address) = options.redis {
        // Relays of one address carry on each other's calls.
        let checkpoint = Checkpoint::new(Arc::clone(&relay), address, format!("mc-relay:{media_ips}"));
        service = service.with_checkpoint(checkpoint.map_err(Failure::run)?, Duration::ZERO);
    }
    let metrics = service.metrics();
    let mut server = NgServer::bind(address, service).map_err(|error| cannot_listen(address, &error))?;
    output::line(format_args!("ng={} media={}", server.local_addr().map_err(Failure::run)?, media_ips))?;
    if let Some(address) = options.ng_tcp {
        server.listen(address).map_err(|error| cannot_listen(address, &error))?;
        if let Some(address) = server.listener_addr().map_err(Failure::run)? {
            output::line(format_args!("ng-tcp={address}"))?;
        }
    }
    let forked = options.fork.map(|address| {
        ForkServer::bind(address, Arc::clone(&relay)).map_err(|error| cannot_listen(address, &error))
    });
    let forked = forked.transpose()?;
    if let Some(forked) = &forked {
        output::line(format_args!("fork={}", forked.local_addr().map_err(Failure::run)?))?;
    }
    let shown = options.http.map(|address| {
        HttpServer::bind(address, Arc::clone(&relay), metrics).map_err(|error| cannot_listen(address, &error))
    });
    let shown = shown.transpose()?;
    if let Some(shown) = &shown {
        output::line(format_args!("http={}", shown.local_addr().map_err(Failure::run)?))?;
    }
    while !stop.load(Ordering::Relaxed) {
        server.serve(PATIENCE).map_err(Failure::run)?;
    }
    server.service().drain();
    let (stopped, deadline) = (Instant::now(), Duration::from_secs(options.drain.unwrap_or(0)));
    while server.service().calls() > 0 && stopped.elapsed() < deadline {
        server.serve(PATIENCE).map_err(Failure::run)?;
    }
    let (metrics, cut) = (relay.global_metrics(), server.service().calls());
    let sum = |of: fn(&LegMetrics) -> u64| metrics.calls.legs.iter().map(of).sum::<u64>();
    let reasons = reasons(metrics.calls.legs.iter().flat_map(LegMetrics::drops));
    output::line(format_args!(
        "ended calls_cut={cut} streams={} received={} sent={} dropped={}{reasons}",
        metrics.stopped_calls + metrics.timed_out_calls + metrics.failed_calls,
        sum(|leg| leg.packets_received),
        sum(|leg| leg.packets_sent),
        sum(LegMetrics::dropped_total)
    ))
}

/// Reasons for drops with their counts, as they end a line.
fn reasons(drops: impl Iterator<Item = (DropReason, u64)>) -> String {
    drops.map(|(why, count)| format!(" {why}={count}")).collect()
}

fn cannot_listen(address: SocketAddr, error: &io::Error) -> Failure {
    Failure::usage(format_args!("cannot listen at {address}: {error}"))
}

/// Carries the calls that were named.
fn carry(
    calls: &[CallSpec],
    options: &RelayOptions,
    relay: MediaSessionController,
    stop: &AtomicBool,
) -> Result<(), Failure> {
    let mut numbers = HashMap::new();
    for (index, call) in calls.iter().enumerate() {
        let number = index + 1;
        let dialog = DialogId::new(number.to_string());
        let info = relay.start_media(dialog.clone(), media(call, options)).map_err(refuse)?;
        print_start(number, call, &info)?;
        numbers.insert(dialog, number);
    }
    let number = |dialog: &DialogId| numbers.get(dialog).copied().unwrap_or_default();
    let mut left = numbers.len();
    while left > 0 && !stop.load(Ordering::Relaxed) {
        match relay.next_event(PATIENCE) {
            Some(RelayEvent::Latched { dialog, leg, source }) => {
                output::line(format_args!("call={} leg={leg} latched={source}", number(&dialog)))?;
            }
            Some(RelayEvent::Ended(totals)) => {
                left -= 1;
                print_totals(number(&totals.dialog), &totals)?;
            }
            _ => {}
        }
    }
    let failed = relay.global_metrics().failed_calls;
    let mut rest = relay.shutdown();
    rest.sort_by_key(|totals| number(&totals.dialog));
    rest.iter().try_for_each(|totals| print_totals(number(&totals.dialog), totals))?;
    if failed > 0 { Err(Failure::run(format_args!("{failed} call(s) ended on a fault"))) } else { Ok(()) }
}

/// Logs on standard error, in colours where a person reads them.
fn start_log(level: LevelFilter) -> Result<(), Failure> {
    let colours = io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(colours)
        .with_writer(io::stderr)
        .try_init()
        .map_err(Failure::run)
}

fn media(call: &CallSpec, options: &RelayOptions) -> MediaConfig {
    let leg = |peer: &PeerSpec| {
        LegConfig::to(peer.address)
            .with_format(peer.format())
            .with_processing(processing(&options.process, options.version.unwrap_or_default()))
    };
    MediaConfig::new(leg(&call.a), leg(&call.b))
}

/// What the relay refuses because of the arguments is wrong use; the rest went wrong while running.
fn refuse(error: RelayError) -> Failure {
    match error {
        RelayError::System { .. } | RelayError::WorkerGone => Failure::run(error),
        _ => Failure::usage(error),
    }
}

/// One line for each leg, for programs to read: where its peer sends media to.
fn print_start(number: usize, call: &CallSpec, info: &MediaSessionInfo) -> Result<(), Failure> {
    for (leg, peer) in LegId::ALL.into_iter().zip([&call.a, &call.b]) {
        let (local, remote, law) = (info.local_address(leg), peer.address, peer.law);
        output::line(format_args!("call={number} leg={leg} local={local} remote={remote} law={law}"))?;
    }
    Ok(())
}

/// One line for the call and one for each leg.
fn print_totals(number: usize, totals: &CallTotals) -> Result<(), Failure> {
    let (seconds, latency) = (totals.duration.as_secs_f64(), &totals.metrics.latency);
    let (p50_us, p99_us) = (latency.p50 as f64 / 1e3, latency.p99 as f64 / 1e3);
    let reason = match totals.reason {
        EndReason::Stopped => "stopped",
        EndReason::TimedOut => "timed_out",
        _ => "failed",
    };
    output::line(format_args!(
        "call={number} ended={reason} seconds={seconds:.1} relay_p50_us={p50_us:.1} relay_p99_us={p99_us:.1}"
    ))?;
    for leg in LegId::ALL {
        let metrics = totals.metrics.leg(leg);
        let (received, sent) = (metrics.packets_received, metrics.packets_sent);
        let dropped = metrics.dropped_total();
        let reasons = reasons(metrics.drops());
        output::line(format_args!(
            "call={number} leg={leg} received={received} sent={sent} dropped={dropped}{reasons}"
        ))?;
    }
    Ok(())
}
