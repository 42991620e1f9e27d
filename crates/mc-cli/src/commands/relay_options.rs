//! The options of `mc relay`: from the command line, and from a file that it goes before.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use mc_relay::{RecordingFormat, RelayConfig};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use tracing_subscriber::filter::LevelFilter;

use crate::failure::Failure;
use crate::processing::ProcessorName;
use crate::version::Version;

/// Each option, where it was given. A key of the file is an option's name without its dashes.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RelayOptions {
    /// Serve SIP proxies by the NG protocol at this address, as Kamailio and OpenSIPS drive rtpengine
    #[arg(long, value_name = "IP:PORT")]
    pub(crate) ng: Option<SocketAddr>,
    /// With --ng: serve proxies that connect to this address as well, over TCP
    #[arg(long, value_name = "IP:PORT")]
    pub(crate) ng_tcp: Option<SocketAddr>,
    /// With --ng: the address that peers are told instead of the local one
    #[arg(long, value_name = "IP")]
    pub(crate) advertise: Option<IpAddr>,
    /// With --ng: most calls at a time; further offers are refused [default: no limit]
    #[arg(long, value_name = "N")]
    pub(crate) max_calls: Option<usize>,
    /// Load of a core from which on a worker takes no more calls [default: 90]
    #[arg(long, value_name = "PERCENT")]
    pub(crate) max_load: Option<u8>,
    /// With --ng: show metrics, health and a status page over HTTP at this address
    #[arg(long, value_name = "IP:PORT")]
    pub(crate) http: Option<SocketAddr>,
    /// With --ng: record calls into this folder when a proxy asks for it
    #[arg(long, value_name = "FOLDER")]
    pub(crate) record_dir: Option<PathBuf>,
    /// With --record-dir: what calls are recorded as unless a proxy says otherwise, wav or pcap [default: wav]
    #[arg(long, value_name = "FORMAT")]
    #[serde(deserialize_with = "format")]
    pub(crate) record_format: Option<RecordingFormat>,
    /// With --ng: give calls' audio to whoever connects to this address by WebSocket, and say what comes back
    #[arg(long, value_name = "IP:PORT")]
    pub(crate) fork: Option<SocketAddr>,
    /// With --ng: write calls down in this Redis, and carry on those found there at the start
    #[arg(long, value_name = "IP:PORT")]
    pub(crate) redis: Option<SocketAddr>,
    /// With --ng: how long calls may go on after a signal to stop [default: 0]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) drain: Option<u64>,
    /// Local address for all media; with --ng also one for each family [default with --call: 0.0.0.0]
    #[arg(long, value_delimiter = ',', value_name = "IP")]
    #[serde(deserialize_with = "addresses")]
    pub(crate) media_ip: Vec<IpAddr>,
    /// Local ports; even ones for RTP, the odd ones above for RTCP [default: 16384-32767]
    #[arg(long, value_name = "FIRST-LAST", value_parser = port_range)]
    #[serde(deserialize_with = "ports")]
    pub(crate) ports: Option<RangeInclusive<u16>>,
    /// Threads that carry calls [default: one for each core]
    #[arg(long, value_name = "N")]
    pub(crate) workers: Option<usize>,
    /// Voice processors on what every peer sends [default: none]
    #[arg(long, value_enum, value_delimiter = ',', value_name = "NAMES")]
    pub(crate) process: Vec<ProcessorName>,
    /// Generation of the voice processors [default: the newest that there is]
    #[arg(long, value_name = "VERSION")]
    pub(crate) version: Option<Version>,
    /// A call ends when neither peer has sent anything for this long [default: 60]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<u64>,
    /// What is logged on standard error: off, error, warn, info or debug [default: warn]
    #[arg(long, value_name = "LEVEL")]
    #[serde(deserialize_with = "level")]
    pub(crate) log: Option<LevelFilter>,
}

impl RelayOptions {
    /// Reads a file of options.
    ///
    /// # Errors
    /// [`Failure::Usage`] naming file, line and field of what is not known or not taken.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, error))?;
        let refuse = |offset, reason: &str| {
            let (number, field) = place(&text, offset);
            // Some reasons are explained over several lines.
            let reason = reason.replace('\n', " ");
            Failure::usage(format_args!("{}:{number}: {field}: {reason}", path.display()))
        };
        let options: Self = toml::from_str(&text)
            .map_err(|error| refuse(error.span().map_or(0, |span| span.start), error.message()))?;
        options
            .config()
            .validate()
            .map_err(|error| refuse(offset_of(&text, error.field()), &error.to_string()))?;
        Ok(options)
    }

    /// The relay that these options describe.
    pub(crate) fn config(&self) -> RelayConfig {
        let mut config = RelayConfig::default().with_local_ip(self.media_ip());
        if let Some(ports) = &self.ports {
            config = config.with_ports(ports.clone());
        }
        if let Some(seconds) = self.timeout {
            config = config.with_media_timeout(Duration::from_secs(seconds));
        }
        if let Some(workers) = self.workers {
            config = config.with_workers(workers);
        }
        if let Some(percent) = self.max_load {
            config = config.with_max_load(Some(f32::from(percent) / 100.0));
        }
        config
    }

    /// The address for media; every one of this host where none was given.
    pub(crate) fn media_ip(&self) -> IpAddr {
        self.media_ip.first().copied().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }

    /// These options, and those of `file` where nothing was given.
    pub(crate) fn or(self, file: Self) -> Self {
        Self {
            ng: self.ng.or(file.ng),
            ng_tcp: self.ng_tcp.or(file.ng_tcp),
            advertise: self.advertise.or(file.advertise),
            max_calls: self.max_calls.or(file.max_calls),
            max_load: self.max_load.or(file.max_load),
            http: self.http.or(file.http),
            redis: self.redis.or(file.redis),
            fork: self.fork.or(file.fork),
            record_dir: self.record_dir.or(file.record_dir),
            record_format: self.record_format.or(file.record_format),
            drain: self.drain.or(file.drain),
            media_ip: if self.media_ip.is_empty() { file.media_ip } else { self.media_ip },
            ports: self.ports.or(file.ports),
            workers: self.workers.or(file.workers),
            process: if self.process.is_empty() { file.process } else { self.process },
            version: self.version.or(file.version),
            timeout: self.timeout.or(file.timeout),
            log: self.log.or(file.log),
        }
    }

    /// The option that makes sense with a proxy only, if one was given.
    pub(crate) fn of_service(&self) -> Option<&'static str> {
        [
            ("--ng-tcp", self.ng_tcp.is_some()),
            ("--advertise", self.advertise.is_some()),
            ("--max-calls", self.max_calls.is_some()),
            ("--http", self.http.is_some()),
            ("--fork", self.fork.is_some()),
            ("--redis", self.redis.is_some()),
            ("--record-dir", self.record_dir.is_some()),
            ("--record-format", self.record_format.is_some()),
            ("--drain", self.drain.is_some()),
        ]
        .into_iter()
        .find_map(|(name, given)| given.then_some(name))
    }
}

/// The number of the line at `offset`, and what stands before its equals sign.
fn place(text: &str, offset: usize) -> (usize, &str) {
    let before = text.get(..offset).unwrap_or(text);
    let number = before.matches('\n').count() + 1;
    let line = text.lines().nth(number - 1).unwrap_or_default();
    (number, line.split('=').next().unwrap_or_default().trim())
}

/// Where the key of a field of the relay's configuration stands.
fn offset_of(text: &str, field: &str) -> usize {
    let key = if field == "media_timeout" { "timeout".to_owned() } else { field.replace('_', "-") };
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if line.split('=').next().is_some_and(|word| word.trim() == key) {
            return offset;
        }
        offset += line.len();
    }
    0
}

fn port_range(text: &str) -> Result<RangeInclusive<u16>, String> {
    let range = text.split_once('-').and_then(|(first, last)| Some(first.parse().ok()?..=last.parse().ok()?));
    range.ok_or_else(|| "must be FIRST-LAST, such as 16384-32767".to_owned())
}

fn ports<'de, D: Deserializer<'de>>(from: D) -> Result<Option<RangeInclusive<u16>>, D::Error> {
    port_range(&String::deserialize(from)?).map(Some).map_err(D::Error::custom)
}

fn format<'de, D: Deserializer<'de>>(from: D) -> Result<Option<RecordingFormat>, D::Error> {
    String::deserialize(from)?.parse().map(Some).map_err(D::Error::custom)
}

/// One address, or a list of them.
fn addresses<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<IpAddr>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "must be an IP address, or a list of them")]
    enum OneOrMore {
        One(IpAddr),
        More(Vec<IpAddr>),
    }
    Ok(match OneOrMore::deserialize(from)? {
        OneOrMore::One(address) => vec![address],
        OneOrMore::More(addresses) => addresses,
    })
}

fn level<'de, D: Deserializer<'de>>(from: D) -> Result<Option<LevelFilter>, D::Error> {
    let text = String::deserialize(from)?;
    let wrong = |_| D::Error::custom("must be off, error, warn, info or debug");
    text.parse().map(Some).map_err(wrong)
}
