//! The worker threads, as the controller sees them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, Sender, bounded};
use mc_engine::Clock;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::attach::Attachment;
use crate::call::Call;
use crate::clock::WorkClock;
use crate::load::{Load, LoadMeter};
use crate::poller::Poller;
use crate::registry::Registry;
use crate::worker::{CallUpdate, Command, Worker};
use crate::{CallTotals, MonotonicClock, RelayError};

/// Commands that may wait for one worker; who has more to say waits.
const COMMANDS: usize = 64;

/// Rest between the end of a worker by a fault and the start of the next one.
const REST: Duration = Duration::from_millis(10);

/// One worker thread. Dropping this ends its calls and joins it.
#[derive(Debug)]
pub(crate) struct WorkerHandle {
    poller: Arc<Poller>,
    commands: Sender<Command>,
    load: Arc<Load>,
    thread: Option<JoinHandle<()>>,
}

/// Starts `count` workers, each on a core of its own if there is one for each of them.
///
/// # Errors
/// [`RelayError::System`].
pub(crate) fn hire(
    count: usize,
    registry: &Arc<Registry>,
    clock: MonotonicClock,
    timeout: Duration,
) -> Result<Vec<WorkerHandle>, RelayError> {
    let cores = cores();
    let one_each = cores.len() == count;
    let spawn = |index: usize| {
        let core = cores.get(index).copied().filter(|_| one_each);
        WorkerHandle::spawn(index, core, Arc::clone(registry), clock, timeout)
    };
    (0..count).map(spawn).collect()
}

/// The cores that this process may use.
fn cores() -> Vec<usize> {
    let allowed = sched_getaffinity(None).unwrap_or_default();
    (0..CpuSet::MAX_CPU).filter(|&core| allowed.is_set(core)).collect()
}

/// Keeps the calling thread on `core`: what its calls left in the caches is of use to it only there.
fn stay_on(core: usize) {
    let mut cores = CpuSet::new();
    cores.set(core);
    // Without, it works all the same.
    let _ = sched_setaffinity(None, &cores);
}

impl WorkerHandle {
    fn spawn(
        index: usize,
        core: Option<usize>,
        registry: Arc<Registry>,
        clock: MonotonicClock,
        timeout: Duration,
    ) -> Result<Self, RelayError> {
        let system = |what| move |source| RelayError::System { what, source };
        let poller = Arc::new(Poller::new().map_err(system("an epoll instance"))?);
        let (sender, receiver) = bounded(COMMANDS);
        let load = Arc::<Load>::default();
        let (watched, commands, measured) = (Arc::clone(&poller), receiver, Arc::clone(&load));
        let hire = move |registry: &Arc<Registry>| {
            let meter = LoadMeter::new(Arc::clone(&measured), clock.now_ns());
            let (poller, commands, clock) = (Arc::clone(&watched), commands.clone(), WorkClock::new(clock));
            Worker::new(poller, commands, Arc::clone(registry), clock, meter, timeout)
        };
        let thread = std::thread::Builder::new()
            .name(format!("mc-relay-{index}"))
            .spawn(move || {
                if let Some(core) = core {
                    stay_on(core);
                }
                keep_working(&registry, hire);
            })
            .map_err(system("a thread"))?;
        Ok(Self { poller, commands: sender, load, thread: Some(thread) })
    }

    /// How busy it is.
    pub(crate) fn load(&self) -> &Load {
        &self.load
    }

    /// Hands a call over.
    ///
    /// # Errors
    /// [`RelayError::System`] when its sockets cannot be watched, [`RelayError::WorkerGone`].
    pub(crate) fn start(&self, call: Call) -> Result<(), RelayError> {
        self.ask(|reply| Command::Start { call: Box::new(call), reply })?
            .recv()
            .map_err(|_| RelayError::WorkerGone)?
            .map_err(|source| RelayError::System { what: "a place in epoll", source })
    }

    /// Changes a call. False when it has ended meanwhile.
    ///
    /// # Errors
    /// [`RelayError::WorkerGone`].
    pub(crate) fn update(&self, id: u64, update: CallUpdate) -> Result<bool, RelayError> {
        let answer = self.ask(|reply| Command::Update { id, update: Box::new(update), reply })?;
        Ok(answer.recv().is_ok())
    }

    /// Attaches something to a call, or takes it off. False when the call has ended meanwhile.
    ///
    /// # Errors
    /// [`RelayError::WorkerGone`].
    pub(crate) fn attach(&self, id: u64, change: Attachment) -> Result<bool, RelayError> {
        Ok(self.ask(|reply| Command::Attach { id, change, reply })?.recv().is_ok())
    }

    /// Ends a call. `None` when it has ended meanwhile.
    ///
    /// # Errors
    /// [`RelayError::WorkerGone`].
    pub(crate) fn stop(&self, id: u64) -> Result<Option<CallTotals>, RelayError> {
        Ok(self.ask(|reply| Command::Stop { id, reply })?.recv().ok())
    }

    /// Whether the thread takes commands before `deadline`.
    pub(crate) fn answers(&self, deadline: Instant) -> bool {
        let (reply, answer) = bounded(1);
        if self.commands.send_deadline(Command::Ping { reply }, deadline).is_err() {
            return false;
        }
        self.poller.wake();
        answer.recv_deadline(deadline).is_ok()
    }

    /// Brings the thread down, as a fault of ours would.
    #[cfg(test)]
    pub(crate) fn bring_down(&self) {
        let answer = self.ask(|reply| Command::Panic { _reply: reply }).unwrap();
        assert!(answer.recv().is_err());
    }

    /// Sends a command and returns where its answer will arrive.
    fn ask<T>(&self, command: impl FnOnce(Sender<T>) -> Command) -> Result<Receiver<T>, RelayError> {
        let (reply, answer) = bounded(1);
        self.commands.send(command(reply)).map_err(|_| RelayError::WorkerGone)?;
        self.poller.wake();
        Ok(answer)
    }
}

/// Runs a worker; one that a fault of ours brings down has ended its calls, and a new one takes its place and
/// the commands that wait.
fn keep_working(registry: &Arc<Registry>, hire: impl Fn(&Arc<Registry>) -> Worker) {
    while catch_unwind(AssertUnwindSafe(|| hire(registry).run())).is_err() {
        registry.count_worker_restart();
        tracing::error!("a worker came down with its calls; another takes its place");
        // A fault that comes back at once does not take the core as well.
        std::thread::sleep(REST);
    }
}

impl Drop for WorkerHandle {
    fn drop(&mut self) {
        // Fails only if the thread has ended already.
        if self.commands.send(Command::Shutdown).is_ok() {
            self.poller.wake();
        }
        if let Some(thread) = self.thread.take() {
            // A panic of the worker was reported by its calls, which ended as failed.
            let _ = thread.join();
        }
    }
}
