//! Recording, as signalling asks for it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crossbeam::channel::{Sender, unbounded};
use mc_engine::Clock;

use super::writer::{Order, Writer};
use super::{Origins, RecordingFormat};
use crate::attach::{Attachment, TapQueue, tap};
use crate::{DialogId, MediaSessionController, RelayError};

/// Packets that may wait to be written, 12 MiB: 800 ms of 100 calls, 80 ms of 1,000.
const QUEUE: usize = 8_192;

/// Longest name of a file, in bytes, before what is added to it.
const MAX_NAME: usize = 180;

/// Records calls into a folder, a file for each: what both peers say, as it is passed on.
///
/// A disk that is slow costs packets of recordings, one that is full ends them; both are
/// [counted](crate::ServiceMetrics), and no call takes notice. Dropping it ends what is being recorded.
#[derive(Debug)]
pub struct Recorder {
    relay: Arc<MediaSessionController>,
    folder: PathBuf,
    format: RecordingFormat,
    epoch: Duration,
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
        let epoch = since_1970().saturating_sub(Duration::from_nanos(relay.clock().now_ns()));
        Ok(Self {
            relay,
            folder,
            format: RecordingFormat::default(),
            epoch,
            queue,
            orders: Some(orders),
            next: AtomicU64::new(0),
            thread: Some(thread),
        })
    }

    /// Sets what calls are recorded as where nobody asks for a format. Default: [`RecordingFormat::Wav`].
    #[must_use]
    pub const fn with_format(mut self, format: RecordingFormat) -> Self {
        self.format = format;
        self
    }

    /// What calls are recorded as where nobody asks for a format.
    #[must_use]
    pub const fn format(&self) -> RecordingFormat {
        self.format
    }

    /// Records a call from now on, in the place of a recording that it has. Returns the file, which is named after
    /// `name` or else after the call and the time; characters that do not belong into a file's name are replaced.
    /// What goes wrong with the file is counted and logged.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`], [`RelayError::NotCarried`].
    pub fn start(&self, dialog: &DialogId, name: Option<&str>) -> Result<PathBuf, RelayError> {
        self.start_as(self.format, dialog, name)
    }

    /// As [`start`](Self::start), in another format than what calls are recorded as by default.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_as(
        &self,
        format: RecordingFormat,
        dialog: &DialogId,
        name: Option<&str>,
    ) -> Result<PathBuf, RelayError> {
        let origins = Origins { local: self.relay.registry.find(dialog)?.local, epoch: self.epoch };
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let name = match name {
            Some(name) => file_name(name),
            None => format!("{}-{}", file_name(dialog.as_str()), since_1970().as_millis()),
        };
        let path = self.folder.join(format!("{name}.{format}"));
        let (tap, status) = tap(id, Arc::clone(&self.queue));
        if let Some(orders) = &self.orders {
            // The thread that takes orders lives as long as this does.
            let _ = orders.send(Order { tap: id, path: path.clone(), format, origins, status });
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

/// The calendar's time.
fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
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
    use std::time::Instant;

    use super::*;
    use crate::{LegConfig, LegId, MediaConfig, MediaSessionInfo, RelayConfig, ServiceMetrics};

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

    /// A call of a telephone with itself.
    struct Talk {
        relay: Arc<MediaSessionController>,
        telephone: UdpSocket,
        info: MediaSessionInfo,
        packets: u16,
    }

    impl Talk {
        fn new() -> Self {
            let config = RelayConfig::default().with_workers(1).with_local_ip([127, 0, 0, 1].into());
            let relay = Arc::new(MediaSessionController::new(config).unwrap());
            let telephone = UdpSocket::bind("127.0.0.1:0").unwrap();
            telephone.set_read_timeout(Some(PATIENCE)).unwrap();
            let leg = LegConfig::to(telephone.local_addr().unwrap());
            let info = relay.start_media("talk", MediaConfig::new(leg.clone(), leg)).unwrap();
            Self { relay, telephone, info, packets: 0 }
        }

        /// A packet of leg A's peer, which arrives.
        fn packet(&mut self) {
            let mut packet = [0x55; 172];
            packet[..12].copy_from_slice(&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
            packet[2..4].copy_from_slice(&self.packets.to_be_bytes());
            packet[4..8].copy_from_slice(&(u32::from(self.packets) * 160).to_be_bytes());
            self.packets += 1;
            self.telephone.send_to(&packet, self.info.local_address(LegId::A)).unwrap();
            self.telephone.recv_from(&mut [0; 200]).unwrap();
        }

        /// Packets until `condition` holds.
        fn until(&mut self, what: &str, condition: impl Fn(ServiceMetrics) -> bool) {
            let start = Instant::now();
            while !condition(self.relay.services().metrics()) {
                self.packet();
                assert!(start.elapsed() < PATIENCE, "never: {what}");
                // What is talked much too fast is placed by its arrival.
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }

    const PATIENCE: Duration = Duration::from_secs(20);

    /// Checks that a recording which goes to what `open` makes ends as failed, and that the call goes on.
    fn fails<W: io::Write + io::Seek + 'static>(
        format: RecordingFormat,
        open: impl Fn(&Path) -> io::Result<W> + Send + 'static,
    ) {
        let mut talk = Talk::new();
        let recorder = Recorder::writing_to(Arc::clone(&talk.relay), PathBuf::new(), open).unwrap();
        recorder.start_as(format, &talk.info.dialog, None).unwrap();
        talk.until("noticed", |services| services.recordings_failed == 1);
        let services = talk.relay.services().metrics();
        assert_eq!((services.recordings, services.recordings_active), (1, 0));
        // Nobody takes packets out any more, and so none may come.
        let waiting = recorder.queue.len();
        (0..5).for_each(|_| talk.packet());
        assert_eq!(recorder.queue.len(), waiting);
        assert!(talk.relay.stop_media(&talk.info.dialog).is_ok());
    }

    #[test]
    fn a_full_disk_ends_the_recording_and_nothing_else() {
        for format in RecordingFormat::ALL {
            fails(format, |_| OpenOptions::new().write(true).open("/dev/full").map(BufWriter::new));
        }
    }

    #[test]
    fn a_file_that_cannot_be_made_ends_the_recording_and_nothing_else() {
        fails(RecordingFormat::Wav, |_| Err::<File, _>(io::ErrorKind::PermissionDenied.into()));
    }

    #[test]
    fn a_slow_disk_costs_packets_of_the_recording_and_no_call_waits() {
        let mut talk = Talk::new();
        let (go_on, may_go_on) = unbounded::<()>();
        // Opening takes until the test lets go.
        let slow = move |_: &Path| {
            let _ = may_go_on.recv();
            Ok(io::Cursor::new(Vec::new()))
        };
        let recorder = Recorder::writing_to(Arc::clone(&talk.relay), PathBuf::new(), slow).unwrap();
        recorder.start_as(RecordingFormat::Wav, &talk.info.dialog, None).unwrap();
        (0..QUEUE + 10).for_each(|_| talk.packet());
        assert_eq!(recorder.queue.len(), QUEUE);
        drop(go_on);
        let start = Instant::now();
        while talk.relay.services().metrics().recording_packets_lost == 0 {
            assert!(start.elapsed() < PATIENCE, "never counted");
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(talk.relay.services().metrics().recording_packets_lost, 10);
    }
}
