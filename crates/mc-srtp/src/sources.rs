//! The windows of the streams under one key, by their SSRCs.

use crate::window::Window;

/// Streams that are told apart. A call has one at a time, and another after a transfer.
pub(crate) const MAX_SOURCES: usize = 16;

#[derive(Clone, Copy, Debug)]
struct Source {
    ssrc: u32,
    /// When it was heard last, in packets.
    heard: u64,
    window: Window,
}

/// The windows of up to [`MAX_SOURCES`] streams.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    slots: [Option<Source>; MAX_SOURCES],
    packets: u64,
}

impl Sources {
    /// What has been seen of a stream: nothing of one that is not known.
    pub(crate) fn window(&self, ssrc: u32) -> Window {
        let known = self.slots.iter().flatten().find(|source| source.ssrc == ssrc);
        known.map_or_else(Window::default, |source| source.window)
    }

    /// Whether a stream is known or there is room for it.
    pub(crate) fn has_room_for(&self, ssrc: u32) -> bool {
        self.slots.iter().any(|slot| slot.is_none_or(|source| source.ssrc == ssrc))
    }

    /// Keeps what has been seen of a stream; where there is no room, in the place of the one not heard for longest.
    pub(crate) fn keep(&mut self, ssrc: u32, window: Window) {
        self.packets += 1;
        let own = |slot: &&mut Option<Source>| slot.is_some_and(|source| source.ssrc == ssrc);
        let kept = Some(Source { ssrc, heard: self.packets, window });
        if let Some(slot) = self.slots.iter_mut().find(own) {
            *slot = kept;
        } else if let Some(slot) = self.slots.iter_mut().min_by_key(|slot| slot.map(|source| source.heard)) {
            *slot = kept;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_not_heard_for_longest_makes_room() {
        let mut sources = Sources::default();
        let mut window = Window::default();
        window.mark(5);
        for ssrc in 0..MAX_SOURCES as u32 {
            assert!(sources.has_room_for(ssrc));
            sources.keep(ssrc, window);
        }
        sources.keep(0, window);
        assert!(!sources.has_room_for(99) && sources.has_room_for(0));
        sources.keep(99, window);
        let is_known = |ssrc| sources.window(ssrc).check(5).is_err();
        assert!(is_known(0) && !is_known(1) && is_known(2) && is_known(99));
    }
}
