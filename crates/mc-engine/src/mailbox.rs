//! How new settings reach a session, and how what they replace leaves it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use crate::AudioProcessor;

/// Room for one letter each way. The session looks at a flag per packet; it touches a lock on the packets only
/// where something changes hands, and never waits for it. Memory is made and freed on the side of the handles.
#[derive(Debug, Default)]
pub(crate) struct Mailbox {
    has_letter: AtomicBool,
    letter: Mutex<Option<Box<AudioProcessor>>>,
    replaced: Mutex<Option<Box<AudioProcessor>>>,
}

impl Mailbox {
    /// Leaves `next` for the session. The latest counts; what was replaced before is freed.
    pub(crate) fn send(&self, next: Box<AudioProcessor>) {
        drop(lock(&self.replaced).take());
        let unread = {
            let mut letter = lock(&self.letter);
            // Within the lock, as where it is cleared: the flag never misses a letter.
            self.has_letter.store(true, Ordering::Release);
            letter.replace(next)
        };
        drop(unread);
    }

    /// For the session: lets `processor` go over to what was sent, and leaves what that replaces to be freed, once there
    /// is room for it.
    #[inline]
    pub(crate) fn exchange(&self, processor: &mut AudioProcessor) {
        if processor.has_replaced() || self.has_letter.load(Ordering::Acquire) {
            self.collect(processor);
            self.deliver(processor);
        }
    }

    #[cold]
    fn collect(&self, processor: &mut AudioProcessor) {
        if let Some(mut place) = try_lock(&self.replaced)
            && place.is_none()
        {
            *place = processor.take_replaced();
        }
    }

    #[cold]
    fn deliver(&self, processor: &mut AudioProcessor) {
        if processor.has_replaced() {
            return;
        }
        let letter = try_lock(&self.letter).and_then(|mut letter| {
            self.has_letter.store(false, Ordering::Release);
            letter.take()
        });
        if let Some(next) = letter {
            processor.replace(next);
        }
    }

    /// Frees all that lies here: for the session's end.
    pub(crate) fn clear(&self) {
        drop(lock(&self.replaced).take());
        drop(lock(&self.letter).take());
    }
}

// What is in the boxes is whole at any time, whoever panicked.

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn try_lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}
