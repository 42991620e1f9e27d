//! What operators see of a relay: figures for Prometheus, health, and a page for people.
//!
//! HTTP/1.1 in its plainest form: one request a connection, `GET` or `HEAD`, no body. It tells Call-IDs and
//! addresses to whoever asks, so it belongs on an inner address.

mod exposition;
mod families;
mod request;
mod response;
mod routes;
mod server;
mod status;

pub use server::HttpServer;
