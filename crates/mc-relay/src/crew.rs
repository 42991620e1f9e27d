//! The worker threads, as the controller sees them.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, Sender, bounded};

use crate::call::Call;
use crate::poller::Poller;
use crate::registry::Registry;
use crate::worker::{CallUpdate, Command, Worker};
use crate::{CallTotals, MonotonicClock, RelayError};

/// Commands that may wait for one worker; who has more to say waits.
const COMMANDS: usize = 64;

/// One worker thread. Dropping this ends its calls and joins it.
#[derive(Debug)]
pub(crate) struct WorkerHandle {
    poller: Arc<Poller>,
    commands: Sender<Command>,
    thread: Option<JoinHandle<()>>,
}

impl WorkerHandle {
    /// Starts a thread.
    ///
    /// # Errors
    /// [`RelayError::System`].
    pub(crate) fn spawn(
        index: usize,
        registry: Arc<Registry>,
        clock: MonotonicClock,
        timeout: Duration,
    ) -> Result<Self, RelayError> {
        let system = |what| move |source| RelayError::System { what, source };
        let poller = Arc::new(Poller::new().map_err(system("an epoll instance"))?);
        let (sender, receiver) = bounded(COMMANDS);
        let worker = Worker::new(Arc::clone(&poller), receiver, registry, clock, timeout);
        let thread = std::thread::Builder::new()
            .name(format!("mc-relay-{index}"))
            .spawn(move || worker.run())
            .map_err(system("a thread"))?;
        Ok(Self { poller, commands: sender, thread: Some(thread) })
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

    /// Sends a command and returns where its answer will arrive.
    fn ask<T>(&self, command: impl FnOnce(Sender<T>) -> Command) -> Result<Receiver<T>, RelayError> {
        let (reply, answer) = bounded(1);
        self.commands.send(command(reply)).map_err(|_| RelayError::WorkerGone)?;
        self.poller.wake();
        Ok(answer)
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
