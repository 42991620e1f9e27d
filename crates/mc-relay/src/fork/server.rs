//! Where consumers connect.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::session::serve;
use crate::MediaSessionController;

/// Consumers at a time, each with a thread.
const MAX_CONSUMERS: usize = 1_024;

/// Rest after a connection that could not be accepted: without descriptors there is nothing to do but to wait.
const REST: Duration = Duration::from_millis(200);

/// Gives a leg's audio to whoever connects to `ws://ADDRESS/calls/CALL/LEG` (RFC 6455), and says to the leg's peer what
/// comes back. `CALL` is the call's [`DialogId`](crate::DialogId), percent-encoded; for a call of a proxy its Call-ID is
/// enough. `LEG` is `A` or `B`. One consumer a leg: another one takes its place.
///
/// Everybody who can connect can listen and speak: bind it to an inner address. Pages in a browser are refused.
#[derive(Debug)]
pub struct ForkServer {
    listener: Arc<TcpListener>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl ForkServer {
    /// Listens at `address`, and serves consumers on threads of its own.
    ///
    /// # Errors
    /// What the system says when the address cannot be bound or a thread not be had.
    pub fn bind(address: SocketAddr, relay: Arc<MediaSessionController>) -> io::Result<Self> {
        let listener = Arc::new(TcpListener::bind(address)?);
        let stop = Arc::<AtomicBool>::default();
        let (listening, stopped) = (Arc::clone(&listener), Arc::clone(&stop));
        let thread = std::thread::Builder::new().name("mc-relay-fork".to_owned());
        let thread = Some(thread.spawn(move || accept(&listening, &relay, &stopped))?);
        Ok(Self { listener, stop, thread })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// What the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Drop for ForkServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Linux wakes whoever waits to accept at a listener that is shut down.
        let _ = rustix::net::shutdown(&self.listener, rustix::net::Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn accept(listener: &TcpListener, relay: &Arc<MediaSessionController>, stop: &Arc<AtomicBool>) {
    let mut consumers: Vec<JoinHandle<()>> = Vec::new();
    for id in 0.. {
        let accepted = listener.accept();
        consumers.retain(|consumer| !consumer.is_finished());
        if stop.load(Ordering::Relaxed) {
            break;
        }
        match accepted {
            Ok((_, client)) if consumers.len() >= MAX_CONSUMERS => {
                tracing::warn!(%client, "there are too many consumers for another one");
            }
            Ok((stream, client)) => match spawn(stream, client, id, relay, stop) {
                Ok(consumer) => consumers.push(consumer),
                Err(error) => tracing::warn!(%error, %client, "no thread for a consumer"),
            },
            Err(error) => {
                tracing::warn!(%error, "a consumer was not accepted");
                std::thread::sleep(REST);
            }
        }
    }
    for consumer in consumers {
        let _ = consumer.join();
    }
}

fn spawn(
    stream: TcpStream,
    client: SocketAddr,
    id: u64,
    relay: &Arc<MediaSessionController>,
    stop: &Arc<AtomicBool>,
) -> io::Result<JoinHandle<()>> {
    let (relay, stop) = (Arc::clone(relay), Arc::clone(stop));
    std::thread::Builder::new().name("mc-relay-ws".to_owned()).spawn(move || {
        if let Err(error) = serve(&relay, stream, id, &stop) {
            tracing::debug!(%error, %client, "a consumer was lost");
        }
    })
}
