//! Answers.

use std::borrow::Cow;
use std::io::{self, Write};

/// The statuses that are used (RFC 9110 §15, RFC 6585 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Ok,
    BadRequest,
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    HeadTooLarge,
    Unavailable,
}

impl Status {
    const fn line(self) -> &'static str {
        match self {
            Self::Ok => "200 OK",
            Self::BadRequest => "400 Bad Request",
            Self::NotFound => "404 Not Found",
            Self::MethodNotAllowed => "405 Method Not Allowed",
            Self::RequestTimeout => "408 Request Timeout",
            Self::HeadTooLarge => "431 Request Header Fields Too Large",
            Self::Unavailable => "503 Service Unavailable",
        }
    }
}

/// One answer.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: Status,
    pub(super) content_type: &'static str,
    pub(super) body: Cow<'static, str>,
}

impl Response {
    pub(super) fn of(content_type: &'static str, body: impl Into<Cow<'static, str>>) -> Self {
        Self { status: Status::Ok, content_type, body: body.into() }
    }

    /// One line of text.
    pub(super) fn text(status: Status, reason: &str) -> Self {
        Self { status, content_type: "text/plain; charset=utf-8", body: Cow::Owned(format!("{reason}\n")) }
    }

    /// An answer that is its status.
    pub(super) fn plain(status: Status) -> Self {
        Self::text(status, status.line())
    }

    /// Writes the answer, without its body where only the head was asked for.
    pub(super) fn write(&self, to: &mut impl Write, head_only: bool) -> io::Result<()> {
        let Self { status, content_type, body } = self;
        let mut answer = format!("HTTP/1.1 {}\r\n", status.line());
        if *status == Status::MethodNotAllowed {
            answer.push_str("Allow: GET, HEAD\r\n");
        }
        answer.push_str(&format!(
            "Content-Type: {content_type}\r\nContent-Length: {}\r\nConnection: close\r\n\
             Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\
             Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; \
             script-src 'unsafe-inline'; connect-src 'self'\r\n\r\n",
            body.len()
        ));
        if !head_only {
            answer.push_str(body);
        }
        to.write_all(answer.as_bytes())
    }
}
