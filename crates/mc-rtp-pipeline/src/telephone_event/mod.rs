//! Telephone events: keys pressed, as packets of their own (RFC 4733) and as tones (ITU-T Q.23).

mod payload;
mod receive;
mod send;
mod tone;

pub use payload::EventPayload;
pub use receive::{EventReceiver, EventReport};
pub use send::EventSender;
pub use tone::{DtmfKey, DtmfTone};
