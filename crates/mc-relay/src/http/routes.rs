//! What is found under which path.

use std::time::Duration;

use super::families;
use super::request::Request;
use super::response::{Response, Status};
use super::status::{self, Watched};

/// How long workers have to answer until the relay counts as ill.
const WORKER_PATIENCE: Duration = Duration::from_secs(1);

const PAGE: &str = include_str!("page.html");

/// Answers a request.
pub(super) fn answer(request: &Request, watched: &Watched) -> Response {
    let route: fn(&Watched) -> Response = match request.path.as_str() {
        "/" => |_| Response::of("text/html; charset=utf-8", PAGE),
        "/metrics" => {
            |watched| Response::of("text/plain; version=0.0.4; charset=utf-8", families::of(watched))
        }
        "/status.json" => |watched| Response::of("application/json", status::of(watched)),
        "/healthz" => health,
        "/readyz" => readiness,
        _ => return Response::plain(Status::NotFound),
    };
    match request.method.as_str() {
        "GET" | "HEAD" => route(watched),
        _ => Response::plain(Status::MethodNotAllowed),
    }
}

/// Whether the process does its work.
fn health(watched: &Watched) -> Response {
    if watched.relay.workers_answer(WORKER_PATIENCE) {
        Response::text(Status::Ok, "ok")
    } else {
        Response::text(Status::Unavailable, "a worker does not answer")
    }
}

/// Whether a new call would be taken.
fn readiness(watched: &Watched) -> Response {
    match watched.refusal() {
        None => Response::text(Status::Ok, "ready"),
        Some(reason) => Response::text(Status::Unavailable, reason),
    }
}
