//! The service's side: what is written of a call, and what is found at the start.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam::channel::{Sender, bounded};
use mc_ng::bencode::{self, Dictionary, Value};

use super::redis::{Answer, Redis};
use super::writer::{Change, Writer};
use crate::MediaSessionController;
use crate::ng::Blocked;

/// Changes that may wait to be written: some seconds of a busy relay, longer than Redis is waited for.
const QUEUE: usize = 16_384;

/// Requests kept of a call: what began it, and the latest two rounds of offer and answer.
const MOST_REQUESTS: usize = 5;

/// What makes a call: the ports of its streams and the requests that it had, as they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    /// By the streams' lines; `None` for one that is turned off.
    pub(crate) local: Vec<Option<[SocketAddr; 2]>>,
    pub(crate) requests: Vec<Vec<u8>>,
    /// When it was offered first, in seconds since 1970.
    pub(crate) created_s: i64,
    /// What is kept from each side.
    pub(crate) blocked: [Blocked; 2],
}

impl Record {
    /// Keeps a request that was served.
    pub(crate) fn add(&mut self, request: &[u8]) {
        if self.requests.len() == MOST_REQUESTS {
            // The first one says who is who.
            self.requests.remove(1);
        }
        self.requests.push(request.to_vec());
    }

    fn to_bytes(&self) -> Vec<u8> {
        let local =
            |local: &Option<[SocketAddr; 2]>| local.map_or(String::new(), |[a, b]| format!("{a} {b}"));
        let local: Vec<String> = self.local.iter().map(local).collect();
        let record = Dictionary::default()
            .with("blocked", self.blocked.map(|side| Value::from(to_number(side))).to_vec())
            .with("created", self.created_s)
            .with("local", local.iter().map(|local| Value::from(local.as_str())).collect::<Vec<_>>())
            .with("requests", self.requests.iter().map(|request| Value::Bytes(request)).collect::<Vec<_>>());
        let mut bytes = Vec::new();
        Value::from(record).write(&mut bytes);
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let Value::Dictionary(record) = bencode::read(bytes).ok()? else { return None };
        let local = record.get("local")?.texts().map(|local| {
            let Some((a, b)) = local.split_once(' ') else { return Some(None).filter(|_| local.is_empty()) };
            Some(Some([a.parse().ok()?, b.parse().ok()?]))
        });
        let Value::List(requests) = record.get("requests")? else { return None };
        let requests = requests.iter().map(|request| match request {
            Value::Bytes(request) => Some(request.to_vec()),
            _ => None,
        });
        let (Value::Integer(created_s), Value::List(blocked)) =
            (record.get("created")?, record.get("blocked")?)
        else {
            return None;
        };
        let [Value::Integer(a), Value::Integer(b)] = blocked[..] else { return None };
        Some(Self {
            local: local.collect::<Option<_>>()?,
            requests: requests.collect::<Option<_>>()?,
            created_s: *created_s,
            blocked: [a, b].map(from_number),
        })
    }
}

const MEDIA: i64 = 1;
const KEYS: i64 = 2;

fn to_number(Blocked { media, keys }: Blocked) -> i64 {
    i64::from(media) * MEDIA + i64::from(keys) * KEYS
}

const fn from_number(number: i64) -> Blocked {
    Blocked { media: number & MEDIA != 0, keys: number & KEYS != 0 }
}

/// Calls in a hash of Redis.
///
/// Losing Redis costs nothing but what is written: calls go on, and when it is back everything is written again.
#[derive(Debug)]
pub struct Checkpoint {
    relay: Arc<MediaSessionController>,
    changes: Option<Sender<Change>>,
    found: Vec<(String, Record)>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpoint {
    /// Reads what stands in the hash `key` of the Redis at `address`, and writes calls of `relay` there from now on.
    /// A Redis that cannot be reached has nothing to read, and is written to when it can.
    ///
    /// # Errors
    /// What the system says when no thread can be had.
    pub fn new(
        relay: Arc<MediaSessionController>,
        address: SocketAddr,
        key: impl Into<String>,
    ) -> io::Result<Self> {
        let key = key.into();
        let (redis, found) = match read(address, &key) {
            Ok((redis, found)) => (Some(redis), found),
            Err(error) => {
                tracing::warn!(%address, %error, "Redis is away; calls are not written down");
                (None, Vec::new())
            }
        };
        relay.services().redis_connected.set(u64::from(redis.is_some()));
        let records = found.iter().map(|(call, record)| (call.clone(), record.to_bytes())).collect();
        let (sender, changes) = bounded(QUEUE);
        let writer = Writer { relay: Arc::clone(&relay), address, key, records, redis };
        let thread = std::thread::Builder::new().name("mc-relay-redis".to_owned());
        let thread = Some(thread.spawn(move || writer.run(&changes))?);
        Ok(Self { relay, changes: Some(sender), found, thread })
    }

    /// What stood there at the start.
    pub(crate) fn take_found(&mut self) -> Vec<(String, Record)> {
        std::mem::take(&mut self.found)
    }

    /// Writes a call down.
    pub(crate) fn write(&self, call: &str, record: &Record) {
        self.change(call, Some(record.to_bytes()));
    }

    /// Forgets a call.
    pub(crate) fn forget(&self, call: &str) {
        self.change(call, None);
    }

    fn change(&self, call: &str, record: Option<Vec<u8>>) {
        let Some(changes) = &self.changes else { return };
        if changes.try_send(Change { call: call.to_owned(), record }).is_err() {
            self.relay.services().checkpoints_lost.add();
        }
    }
}

impl Drop for Checkpoint {
    fn drop(&mut self) {
        self.changes = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Every record there is. One that cannot be read is left out.
fn read(address: SocketAddr, key: &str) -> io::Result<(Redis, Vec<(String, Record)>)> {
    let mut redis = Redis::connect(address)?;
    let Answer::Items(items) = redis.ask(&[&[b"HGETALL", key.as_bytes()]])? else {
        return Err(io::Error::other("Redis holds something else under this key"));
    };
    let found = items.chunks_exact(2).filter_map(|pair| {
        let record = Record::from_bytes(&pair[1]);
        if record.is_none() {
            tracing::warn!(call = %String::from_utf8_lossy(&pair[0]), "a call in Redis cannot be read");
        }
        Some((String::from_utf8(pair[0].clone()).ok()?, record?))
    });
    let found = found.collect();
    Ok((redis, found))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;

    use super::*;
    use crate::RelayConfig;

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let mut record = Record::default();
        assert_eq!(Record::from_bytes(&record.to_bytes()), Some(record.clone()));
        record.local =
            vec![Some(["192.0.2.1:4000".parse().unwrap(), "[2001:db8::1]:4002".parse().unwrap()]), None];
        for number in 0..9u8 {
            record.add(&[number, 0xFF, b':']);
        }
        let firsts: Vec<u8> = record.requests.iter().map(|request| request[0]).collect();
        assert_eq!(firsts, [0, 5, 6, 7, 8], "the first, and the latest two rounds");
        record.created_s = 1_700_000_000;
        record.blocked[1] = Blocked { media: false, keys: true };
        let bytes = record.to_bytes();
        assert_eq!(Record::from_bytes(&bytes), Some(record));
        for end in 0..bytes.len() {
            assert_eq!(Record::from_bytes(&bytes[..end]), None);
        }
        assert_eq!(Record::from_bytes(b"d5:locall3:a bee"), None);
    }

    #[test]
    fn changes_that_find_no_room_while_redis_is_slow_are_counted() {
        let redis = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = redis.local_addr().unwrap();
        // It has nothing, and then it says nothing more.
        let played = std::thread::spawn(move || {
            let (mut stream, _) = redis.accept().unwrap();
            stream.write_all(b"*0\r\n").unwrap();
            stream
        });
        let config = RelayConfig::default().with_workers(1);
        let relay = Arc::new(MediaSessionController::new(config).unwrap());
        let checkpoint = Checkpoint::new(Arc::clone(&relay), address, "key").unwrap();
        let stream = played.join().unwrap();
        // One more than wait is in the writer's hands.
        for _ in 0..QUEUE + 10 {
            checkpoint.forget("call");
        }
        let lost = relay.services().metrics().checkpoints_lost;
        assert!((9..=10).contains(&lost), "{lost}");
        drop(stream);
    }
}
