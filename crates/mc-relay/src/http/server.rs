//! The server's threads.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::request::{ReadError, Request};
use super::response::Response;
use super::routes;
use super::status::Watched;
use crate::{MediaSessionController, NgMetrics};

/// Connections that are served at a time; more wait to be accepted.
const THREADS: usize = 4;
/// How long a request may take to arrive, and its answer to leave.
const PATIENCE: Duration = Duration::from_secs(2);
/// How much is read of what a client still sends after its answer, in bytes.
const MAX_REST: usize = 1 << 16;

/// Shows a relay to operators over HTTP: `/metrics` for Prometheus, `/healthz`, `/readyz`, a page for people
/// at `/` and its figures at `/status.json`.
///
/// It tells Call-IDs and addresses to whoever asks: bind it to an inner address. Dropping it ends it.
#[derive(Debug)]
pub struct HttpServer {
    listener: Arc<TcpListener>,
    threads: Vec<JoinHandle<()>>,
}

impl HttpServer {
    /// Listens at `address`, and answers on threads of its own.
    ///
    /// # Errors
    /// What the system says when the address cannot be bound or a thread not be had.
    pub fn bind(
        address: SocketAddr,
        relay: Arc<MediaSessionController>,
        service: Arc<NgMetrics>,
    ) -> io::Result<Self> {
        let mut server = Self { listener: Arc::new(TcpListener::bind(address)?), threads: Vec::new() };
        let watched = Arc::new(Watched::new(relay, service));
        for index in 0..THREADS {
            let (listener, watched) = (Arc::clone(&server.listener), Arc::clone(&watched));
            let thread = std::thread::Builder::new().name(format!("mc-relay-http-{index}"));
            server.threads.push(thread.spawn(move || serve(&listener, &watched))?);
        }
        Ok(server)
    }

    /// Where it listens.
    ///
    /// # Errors
    /// What the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        // Linux wakes whoever waits to accept at a listener that is shut down.
        let _ = rustix::net::shutdown(&self.listener, rustix::net::Shutdown::Both);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn serve(listener: &TcpListener, watched: &Watched) {
    loop {
        match listener.accept() {
            Ok((connection, client)) => {
                if let Err(error) = exchange(&connection, watched) {
                    tracing::debug!(%error, %client, "an answer was not sent");
                }
            }
            // What a listener that was shut down says.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => return,
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                // Without descriptors there is nothing to do but to wait until some are free.
                std::thread::sleep(PATIENCE / 10);
            }
        }
    }
}

fn exchange(mut connection: &TcpStream, watched: &Watched) -> io::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    connection.set_write_timeout(Some(PATIENCE))?;
    let (answer, head_only) = match Request::read(connection, deadline) {
        Ok(request) => (routes::answer(&request, watched), request.method == "HEAD"),
        Err(ReadError::Refused(status)) => (Response::plain(status), false),
        Err(ReadError::Gone) => return Ok(()),
    };
    answer.write(&mut connection, head_only)?;
    connection.flush()?;
    connection.shutdown(Shutdown::Write)?;
    read_rest(connection, deadline)
}

/// Reads what the client still sends: closing over it would reset the connection and take the answer back.
fn read_rest(mut connection: &TcpStream, deadline: Instant) -> io::Result<()> {
    let mut rest = [0; 1_024];
    let mut read = 0;
    while read < MAX_REST {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        connection.set_read_timeout(Some(left))?;
        match connection.read(&mut rest) {
            Ok(0) | Err(_) => break,
            Ok(length) => read += length,
        }
    }
    Ok(())
}
