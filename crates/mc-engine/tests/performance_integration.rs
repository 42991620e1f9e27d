//! What makes sessions fast, switched on and off: each switch is seen in the metrics or in the processor.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

mod common;

use common::{FRAME, Ticking, engine, packet, packets, send};
use mc_engine::{
    AudioFramePool, AudioProcessingConfig, AudioProcessor, CopyOnWrite, FramePoolConfig, MediaEngine,
    MediaEngineConfig, MediaMetrics, MediaSession, MediaSessionParams, NoClock, Operation, PerformanceConfig,
    PerformanceLevel, PoolError, SampleRate, SelectionPlan, SimdLevel, SimdProcessor, SizeClass, Stage,
    Strategy, ZeroCopyAudioFrame,
};
use mc_testkit::alloc::{CountingAllocator, count_allocations, thread_live_bytes};
use mc_testkit::signal::white_noise;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const PACKETS: u64 = 32;

fn with(performance: PerformanceConfig) -> MediaEngine {
    let processing = AudioProcessingConfig::all();
    engine(MediaEngineConfig::default().with_processing(processing).with_performance(performance))
}

fn session(performance: PerformanceConfig) -> MediaSession {
    with(performance).create_media_session(MediaSessionParams::default()).unwrap()
}

/// What a session counts, and sends, of the same packets.
fn observe(mut session: MediaSession) -> (MediaMetrics, Vec<Vec<u8>>) {
    let clock = Ticking::default();
    let mut sent = Vec::new();
    for mut packet in packets(0, &white_noise(1, -26.0, PACKETS as usize * FRAME)) {
        sent.push(session.process_packet(&mut packet, &clock).unwrap().packet().to_vec());
    }
    (session.handle().metrics(), sent)
}

#[test]
fn zero_copy_saves_the_copies_and_changes_no_sample() {
    let (zero_copy, sent) = observe(session(PerformanceConfig::default()));
    let (copying, same) = observe(session(PerformanceConfig::default().with_zero_copy(false)));
    assert_eq!(zero_copy.performance.copied_bytes, 0);
    // To the frame that is worked on and back, 4 bytes a sample.
    assert_eq!(copying.performance.copied_bytes, PACKETS * 2 * 4 * FRAME as u64);
    let taken = [zero_copy, copying].map(|metrics| metrics.performance.pool_hits);
    assert_eq!(taken, [1, 1 + PACKETS], "the packet's own frame stays, the copies' go back");
    assert!(sent == same);
}

#[test]
fn shared_frames_are_copied_only_where_somebody_else_reads_them() {
    let mut processor = AudioProcessor::new(&AudioProcessingConfig::all(), SampleRate::Hz8000).unwrap();
    let pool: AudioFramePool = AudioFramePool::new(FramePoolConfig::default()).unwrap();
    let noise = white_noise(2, -20.0, FRAME);
    let mut mine = ZeroCopyAudioFrame::from(pool.get_copy(&noise).unwrap().freeze());
    let place = mine.as_ptr();
    let (_, done) = processor.process_shared_audio(&mut mine, None, &NoClock).unwrap();
    assert!(done == CopyOnWrite::InPlace && mine.as_ptr() == place);

    let reader = mine.clone();
    let before = reader.to_vec();
    let (_, done) = processor.process_shared_audio(&mut mine, Some(&noise), &NoClock).unwrap();
    assert_eq!(done, CopyOnWrite::Copied { bytes: 4 * FRAME });
    assert!(*reader == before[..], "the reader's frame stays as it was");
    let metrics = processor.metrics();
    assert_eq!((metrics.copied_bytes, metrics.pool_hits), (4 * FRAME as u64, 1));
}

#[test]
fn vectors_can_be_switched_off_or_planned() {
    let strategy = |performance: PerformanceConfig| {
        let session = session(performance);
        session.processor().selection_plan().strategy(Operation::Energy, SizeClass::UpTo160)
    };
    let config = PerformanceConfig::default;
    assert_eq!(strategy(config()), Strategy::Simd);
    assert_eq!(strategy(config().with_simd_optimizations(false)), Strategy::Scalar);
    let level = SimdProcessor::new().level();
    let plan = SelectionPlan::uniform(level, Strategy::Hybrid);
    assert_eq!(strategy(config().with_selection_plan(plan)), Strategy::Hybrid);
    let measured = SimdProcessor::new().calibrate(&mut || 0, 1);
    assert_eq!(with(config().with_selection_plan(measured)).simd().plan(), &measured);
    if let Some(missing) =
        SimdLevel::ALL.into_iter().find(|l| !SimdProcessor::available_levels().any(|a| a == *l))
    {
        let plan = SelectionPlan::uniform(missing, Strategy::Simd);
        assert_eq!(config().with_selection_plan(plan).validate().unwrap_err().field(), "selection_plan");
    }

    let strategies = |performance: PerformanceConfig| {
        let metrics = session(performance).handle().metrics().performance;
        metrics.strategies.iter().filter(|choice| choice.strategy == "scalar").count()
    };
    assert_eq!(strategies(config().with_simd_optimizations(false)), 2, "codec and kernels");

    let all = AudioProcessingConfig::all;
    let scalar = AudioProcessor::new(&all().with_simd_optimizations(false), SampleRate::Hz8000).unwrap();
    assert_eq!(scalar.selection_plan().strategy(Operation::Mix, SizeClass::UpTo80), Strategy::Scalar);
}

#[test]
fn without_pooling_each_frame_is_allocated_and_counted() {
    let copying = || PerformanceConfig::default().with_zero_copy(false);
    let (pooled, _) = observe(session(copying()));
    let (allocating, _) = observe(session(copying().with_frame_pooling(false)));
    assert_eq!((pooled.performance.allocations, pooled.performance.pool_misses), (0, 0));
    assert_eq!((allocating.performance.allocations, allocating.performance.pool_misses), (PACKETS, PACKETS));
    assert!(with(PerformanceConfig::default().with_frame_pooling(false)).frame_pool().is_none());

    let mut session = session(copying().with_frame_pooling(false));
    let mut datagram = packet(0, &[0x30; FRAME]);
    let (allocations, _) = count_allocations(|| session.process_packet(&mut datagram, &NoClock).is_ok());
    assert!(allocations > 0, "what is counted is what happens");
}

#[test]
fn the_engines_pool_has_as_many_frames_as_it_is_told() {
    let engine = with(PerformanceConfig::default().with_frame_pool_size(3));
    let pool = engine.frame_pool().unwrap();
    let frames: Vec<_> = (0..3).map(|_| pool.get_copy(&[0.5; FRAME]).unwrap()).collect();
    assert_eq!(pool.get(FRAME).unwrap_err(), PoolError::Exhausted { frames: 3 });
    std::thread::spawn(move || drop(frames)).join().unwrap();
    assert!(pool.get(FRAME).is_ok());
    assert_eq!((pool.stats().exhausted, pool.stats().outstanding), (1, 0));
}

#[test]
fn a_sessions_pool_that_is_empty_costs_a_frame_in_place_and_no_packet() {
    let mut processor = AudioProcessor::with_factory(
        &MediaEngineConfig::default()
            .with_processing(AudioProcessingConfig::all())
            .with_performance(PerformanceConfig::default().with_session_pool_size(1)),
        &mc_engine::AdvancedProcessorFactory::default(),
        SampleRate::Hz8000,
    )
    .unwrap();
    let pool: AudioFramePool = AudioFramePool::new(FramePoolConfig::default()).unwrap();
    let shared = ZeroCopyAudioFrame::from(pool.get_copy(&[0.1; FRAME]).unwrap().freeze());
    let (mut first, mut second) = (shared.clone(), shared.clone());
    assert!(processor.process_shared_audio(&mut first, None, &NoClock).is_ok());
    let refused = processor.process_shared_audio(&mut second, None, &NoClock).unwrap_err();
    assert_eq!(refused, PoolError::Exhausted { frames: 1 });
    assert!(*second == *shared, "what was refused is as it was");
}

#[test]
fn metrics_can_be_switched_off_by_engine_session_and_level() {
    let timed = |params: MediaSessionParams, performance: PerformanceConfig| {
        let session = with(performance.with_time_one_in(1)).create_media_session(params).unwrap();
        let (handle, (metrics, _)) = (session.handle(), observe(session));
        let stages = Stage::ALL.map(|stage| metrics.performance.stage(stage).count);
        assert_eq!(metrics.performance.packets_in, PACKETS, "counting goes on");
        assert_eq!(handle.audio().gain_db.is_some(), stages[0] > 0, "figures are published with the times");
        assert!(stages.iter().all(|count| *count == stages[0]));
        stages[0]
    };
    let (params, config) = (MediaSessionParams::default, PerformanceConfig::default);
    let settings =
        |enable| params().with_processing(AudioProcessingConfig::all().with_performance_metrics(enable));
    assert_eq!(timed(params(), config()), PACKETS);
    assert_eq!(timed(params(), config().with_performance_metrics(false)), 0);
    assert_eq!(timed(params().with_performance_level(PerformanceLevel::Economy), config()), 0);
    assert_eq!(timed(settings(false), config()), 0);
    assert_eq!(timed(settings(true), config().with_performance_metrics(false)), PACKETS);
}

#[test]
fn metrics_are_collected_once_in_an_interval() {
    let engine = with(PerformanceConfig::default().with_metrics_collection_interval_ms(500));
    let mut session = engine.create_media_session(MediaSessionParams::default()).unwrap();
    send(&mut session, &packet(0, &[0x30; FRAME])).unwrap();
    let collected: Vec<u64> = (0..2_000).filter(|&now_ms| engine.collect_metrics(now_ms).is_some()).collect();
    assert_eq!(collected, [0, 500, 1_000, 1_500]);
    assert_eq!(engine.collect_metrics(9_000).unwrap(), engine.metrics());
}

#[test]
fn many_sessions_count_for_themselves_and_add_up() {
    let engine = with(PerformanceConfig::default());
    let mut sessions: Vec<_> =
        (0..40).map(|_| engine.create_media_session(MediaSessionParams::default()).unwrap()).collect();
    for (n, session) in sessions.iter_mut().enumerate() {
        for sequence in 0..=n as u16 {
            send(session, &packet(sequence, &[0x30; FRAME])).unwrap();
        }
    }
    for (n, session) in sessions.iter().enumerate() {
        assert_eq!(session.handle().metrics().performance.packets_out, n as u64 + 1);
    }
    assert_eq!(engine.metrics().performance.packets_out, (1..=40).sum::<u64>());
    sessions.truncate(10);
    assert_eq!(engine.active_sessions(), 10);
    assert_eq!(engine.metrics().performance.packets_out, (1..=40).sum::<u64>());
}

#[test]
fn a_hundred_thousand_sessions_leave_memory_flat() {
    let engine = engine(MediaEngineConfig::default().with_processing(AudioProcessingConfig::all()));
    let live = |params: MediaSessionParams| {
        let mut session = engine.create_media_session(params).unwrap();
        session.process_packet(&mut packet(0, &[0x30; FRAME]), &NoClock).unwrap();
        session.handle().metrics().performance.packets_out
    };
    let bare = || MediaSessionParams::default().with_processing(AudioProcessingConfig::default());
    let best = || MediaSessionParams::default().with_performance_level(PerformanceLevel::Maximum);
    assert_eq!((live(bare()), live(best())), (1, 1));
    let before = thread_live_bytes();
    for number in 0..100_000 {
        live(if number % 1_000 == 0 { best() } else { bare() });
    }
    assert_eq!(thread_live_bytes(), before);
    assert_eq!((engine.active_sessions(), engine.metrics().performance.packets_out), (0, 100_002));
}
