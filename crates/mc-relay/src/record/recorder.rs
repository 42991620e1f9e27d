//! Recording, as signalling asks for it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

use crossbeam::channel::{Sender, unbounded};

use super::writer::{Order, Writer};
use crate::attach::{Attachment, TapQueue, tap};
use crate::{DialogId, MediaSessionController, RelayError};

/// Packets that may wait to be written, 8 MiB: a second and a half of 100 calls, 160 ms of 1,000.
const QUEUE: usize = 16_384;

/// Longest name of a file, in bytes, before what is added to it.
const MAX_NAME: usize = 180;

/// Records calls into a folder: a WAV file for each, 16-bit PCM at 8 kHz, with what leg A's peer says on the left and
/// leg B's on the right, as it is passed on. Silence and lost packets take the time they took.
///
/// A disk that is slow costs packets of recordings, one that is full ends them; both are
/// [counted](crate::ServiceMetrics), and no call takes notice. Dropping it ends what is being recorded.
#[derive(Debug)]
pub struct Recorder {
    relay: Arc<MediaSessionController>,
    folder: PathBuf,
    queue: Arc<TapQueue>,
    orders: Option<Sender<Order>>,
    next: AtomicU64,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Records calls of `relay` into `folder`, which is made if need be.
    ///
    /// # Errors
    /// What the system says when there can be no such folder, or no thread.
    pub fn new(relay: Arc<MediaSessionController>, folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        fs::create_dir_all(&folder)?;
        Self::writing_to(relay, folder, create)
    }

    fn writing_to<W, O>(relay: Arc<MediaSessionController>, folder: PathBuf, open: O) -> io::Result<Self>
    where
        W: io::Write + io::Seek + 'static,
        O: Fn(&Path) -> io::Result<W> + Send + 'static,
    {
        let queue = Arc::new(TapQueue::new(QUEUE));
        let (orders, receiver) = unbounded();
        let (watched, written) = (Arc::clone(&relay), Arc::clone(&queue));
        let thread = std::thread::Builder::new()
            .name("mc-relay-record".to_owned())
            .spawn(move || Writer::new(watched, written, open).run(&receiver))?;
        Ok(Self { relay, folder, queue, orders: Some(orders), next: AtomicU64::new(0), thread: Some(thread) })
    }

    /// Records a call from now on, in the place of a recording that it has. Returns the file, which is named after
    /// `name` or else after the call and the time; characters that do not belong into a file's name are replaced.
    /// What goes wrong with the file is counted and logged.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`].
    pub fn start(&self, dialog: &DialogId, name: Option<&str>) -> Result<PathBuf, RelayError> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let name = match name {
            Some(name) => file_name(name),
            None => format!("{}-{}", file_name(dialog.as_str()), milliseconds()),
        };
        let path = self.folder.join(name + ".wav");
        let (tap, status) = tap(id, Arc::clone(&self.queue));
        if let Some(orders) = &self.orders {
            // The thread that takes orders lives as long as this does.
            let _ = orders.send(Order { tap: id, path: path.clone(), status });
        }
        self.relay.attach(dialog, Attachment::Recording(Some(tap)))?;
        Ok(path)
    }

    /// Ends a call's recording, if it has one. Its file is complete a little later.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`].
    pub fn stop(&self, dialog: &DialogId) -> Result<(), RelayError> {
        self.relay.attach(dialog, Attachment::Recording(None))
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Makes a file that was not there before.
fn create(path: &Path) -> io::Result<BufWriter<File>> {
    OpenOptions::new().write(true).create_new(true).open(path).map(BufWriter::new)
}

/// Milliseconds of the calendar, to tell files apart.
fn milliseconds() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis())
}

/// A file's name that looks like `text` and leads nowhere else.
fn file_name(text: &str) -> String {
    let plain = |character: char| match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '@' | '+' | '=' | '.' => character,
        _ => '_',
    };
    let name: String = text.chars().map(plain).take(MAX_NAME).collect();
    match name.strip_prefix('.') {
        Some(rest) => format!("_{rest}"),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::{LegConfig, LegId, MediaConfig, RelayConfig};

    #[test]
    fn no_name_leads_out_of_the_folder() {
        for (text, name) in [
            ("a84b4c@192.0.2.1/0", "a84b4c@192.0.2.1_0"),
            ("../../etc/passwd", "_._.._etc_passwd"),
            ("/root\0\n", "_root__"),
            ("..", "_."),
            ("ö", "_"),
        ] {
            assert_eq!(file_name(text), name);
        }
        assert_eq!(file_name(&"x".repeat(1_000)).len(), MAX_NAME);
    }

    #[test]
    fn a_full_disk_ends_the_recording_and_nothing_else() {
        let config = RelayConfig::default().with_workers(1).with_local_ip([127, 0, 0, 1].into());
        let relay = Arc::new(MediaSessionController::new(config).unwrap());
        let full = |_: &Path| OpenOptions::new().write(true).open("/dev/full").map(BufWriter::new);
        let recorder = Recorder::writing_to(Arc::clone(&relay), PathBuf::new(), full).unwrap();
        let telephone = UdpSocket::bind("127.0.0.1:0").unwrap();
        let leg = LegConfig::to(telephone.local_addr().unwrap());
        let dialog = DialogId::from("full");
        let info = relay.start_media(dialog.clone(), MediaConfig::new(leg.clone(), leg)).unwrap();
        recorder.start(&dialog, None).unwrap();
        let start = Instant::now();
        let mut packet = [0x55; 172];
        packet[..12].copy_from_slice(&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        let mut heard = [0; 200];
        // Ten seconds of talk in a fraction of that: it is placed by its arrival when it comes too fast.
        for step in 0u16.. {
            packet[2..4].copy_from_slice(&step.to_be_bytes());
            packet[4..8].copy_from_slice(&(u32::from(step) * 160).to_be_bytes());
            telephone.send_to(&packet, info.local_address(LegId::A)).unwrap();
            telephone.recv_from(&mut heard).unwrap();
            let services = relay.global_metrics().services;
            if services.recordings_failed == 1 {
                assert_eq!((services.recordings, services.recordings_active), (1, 0));
                break;
            }
            assert!(start.elapsed() < Duration::from_secs(20), "never noticed");
            std::thread::sleep(Duration::from_millis(1));
        }
        telephone.send_to(&packet, info.local_address(LegId::B)).unwrap();
        telephone.recv_from(&mut heard).unwrap();
        assert!(relay.stop_media(&dialog).is_ok());
    }
}
