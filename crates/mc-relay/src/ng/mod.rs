//! The relay as a service: SIP proxies drive it by the NG protocol.
//!
//! One proxy request at a time is taken apart by `mc-ng`, brought to the calls it is about, and answered.
//! A call of a proxy may have several streams (an `m=` line each); each is a call of the
//! [controller](crate::MediaSessionController).

mod agreement;
mod blocking;
mod call;
mod clips;
mod config;
mod connection;
mod ending;
mod exchange;
mod figures;
mod impairment;
mod inform;
mod keys;
mod metrics;
mod packet_times;
mod playing;
mod pressing;
mod recording;
mod refusal;
mod replay;
mod restore;
mod server;
mod service;

pub(crate) use call::Blocked;
pub use config::NgConfig;
pub use metrics::NgMetrics;
pub(crate) use refusal::OVERLOADED;
pub use server::NgServer;
pub use service::NgService;
