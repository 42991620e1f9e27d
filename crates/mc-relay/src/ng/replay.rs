//! Answers that may be asked for again: a proxy that hears none repeats its request, cookie and all.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// How long proxies go on repeating.
const KEPT_FOR: Duration = Duration::from_secs(10);

/// Most answers kept; the oldest goes first.
const MOST: usize = 4_096;

/// The latest answers by their cookies.
#[derive(Debug, Default)]
pub(super) struct Replay {
    answers: HashMap<Vec<u8>, Vec<u8>>,
    order: VecDeque<(Duration, Vec<u8>)>,
}

impl Replay {
    /// The answer that a cookie had, if that was lately.
    pub(super) fn find(&mut self, cookie: &[u8], now: Duration) -> Option<Vec<u8>> {
        while self.order.front().is_some_and(|(at, _)| now.saturating_sub(*at) > KEPT_FOR) {
            self.forget_oldest();
        }
        self.answers.get(cookie).cloned()
    }

    /// Keeps an answer.
    pub(super) fn keep(&mut self, cookie: &[u8], answer: &[u8], now: Duration) {
        if self.order.len() == MOST {
            self.forget_oldest();
        }
        self.answers.insert(cookie.to_vec(), answer.to_vec());
        self.order.push_back((now, cookie.to_vec()));
    }

    fn forget_oldest(&mut self) {
        if let Some((_, cookie)) = self.order.pop_front() {
            self.answers.remove(&cookie);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_kept_for_a_while() {
        let mut replay = Replay::default();
        replay.keep(b"c", b"answer", Duration::ZERO);
        assert_eq!(replay.find(b"c", KEPT_FOR), Some(b"answer".to_vec()));
        assert_eq!(replay.find(b"other", KEPT_FOR), None);
        assert_eq!(replay.find(b"c", KEPT_FOR + Duration::from_nanos(1)), None);
        assert!(replay.answers.is_empty() && replay.order.is_empty());
    }

    #[test]
    fn no_flood_of_requests_fills_the_memory() {
        let mut replay = Replay::default();
        for number in 0..3 * MOST {
            replay.keep(number.to_string().as_bytes(), b"answer", Duration::ZERO);
        }
        assert_eq!((replay.answers.len(), replay.order.len()), (MOST, MOST));
        assert!(replay.find(b"0", Duration::ZERO).is_none());
    }
}
