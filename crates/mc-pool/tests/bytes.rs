//! At the edges: `Bytes` without a copy.

use bytes::Bytes;
use mc_pool::{AudioFramePool, FramePoolConfig, ZeroCopyAudioFrame};

#[test]
fn bytes_show_the_buffer_itself_and_give_it_back() {
    let pool: AudioFramePool<u8> =
        AudioFramePool::new(FramePoolConfig::default().with_initial_frames(1)).unwrap();
    let frame = pool.get_with(4, |room| room.write_copy_of_slice(b"RTP!")).unwrap();
    let address = frame.as_ptr();
    let view = ZeroCopyAudioFrame::from(frame.freeze());
    let whole = Bytes::from(view.clone());
    let tail = Bytes::from(view.slice(3..).unwrap());
    drop(view);
    assert_eq!((&whole[..], &tail[..]), (&b"RTP!"[..], &b"!"[..]));
    assert_eq!((whole.as_ptr(), tail.as_ptr()), (address, address.wrapping_add(3)));
    assert_eq!(pool.stats().copied_bytes, 0);

    let half = whole.slice(..2);
    drop((whole, tail));
    assert_eq!(pool.stats().outstanding, 1);
    drop(half);
    assert_eq!(pool.stats().outstanding, 0);

    let shared = pool.get_copy(b"x").unwrap().freeze();
    assert_eq!(&Bytes::from(shared)[..], b"x");
}
