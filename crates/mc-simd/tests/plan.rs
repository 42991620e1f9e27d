//! Plans are what was measured, can be printed and read, and decide what runs.

use mc_simd::{Operation, PlanParseError, SelectionPlan, SimdLevel, SimdProcessor, SizeClass, Strategy};

const BUDGET_NS: u64 = 20_000_000;

/// A clock on which each strategy takes its own time: readings come in pairs, before and after each candidate.
fn clock(taken_ns: [u64; 3], step_ns: u64) -> impl FnMut() -> u64 {
    let (mut now, mut readings) = (0, 0);
    move || {
        // The first reading is the start.
        if readings > 0 && readings % 2 == 0 {
            now += taken_ns[(readings / 2 - 1) % taken_ns.len()];
        } else {
            now += step_ns;
        }
        readings += 1;
        now
    }
}

#[test]
fn calibration_takes_the_fastest_and_prefers_vectors_when_it_is_close() {
    let simd = SimdProcessor::new();
    for (taken, best) in [
        ([100, 200, 300], Strategy::Scalar),
        ([200, 100, 300], Strategy::Hybrid),
        ([200, 300, 100], Strategy::Simd),
        ([96, 97, 100], Strategy::Simd),
        ([94, 97, 100], Strategy::Scalar),
        ([0, 0, 0], Strategy::Simd),
    ] {
        let plan = simd.calibrate(&mut clock(taken, 0), BUDGET_NS);
        assert_eq!(plan, SelectionPlan::uniform(simd.level(), best), "{taken:?}");
    }
}

#[test]
fn calibration_ends_with_its_budget_and_keeps_vectors_where_it_measured_nothing() {
    let simd = SimdProcessor::new();
    for (budget, measured) in [(0, 0), (1_000, 10), (100_000, 1_000)] {
        let mut readings = 0;
        let mut time = clock([10, 20, 30], 80);
        let plan = simd.calibrate(
            &mut || {
                readings += 1;
                time()
            },
            budget,
        );
        assert!(readings <= 2 * measured + 2, "{budget} ns: {readings} readings");
        let last = plan.strategy(Operation::F32ToI16, SizeClass::Longer);
        assert_eq!(last == Strategy::Simd, budget < 100_000, "{budget} ns");
    }
}

#[test]
fn calibration_ends_on_a_clock_that_stands_still() {
    let simd = SimdProcessor::new();
    assert_eq!(simd.calibrate(&mut || 5, BUDGET_NS), *simd.plan());
}

#[test]
fn a_plan_comes_back_from_its_text() {
    let mut plan = SelectionPlan::uniform(SimdProcessor::new().level(), Strategy::Simd);
    let mut choices = Strategy::ALL.into_iter().cycle();
    for operation in Operation::ALL {
        for class in SizeClass::ALL {
            plan = plan.with_strategy(operation, class, choices.next().unwrap());
        }
        choices.next();
    }
    let text = plan.to_string();
    assert_eq!(text.parse(), Ok(plan), "{text}");
    assert_eq!(format!("{text}\n").replace("  ", " ").parse(), Ok(plan));
    assert_eq!(*SimdProcessor::with_plan(plan).unwrap().plan(), plan);
}

#[test]
fn a_damaged_text_is_refused_with_its_line() {
    let text = SelectionPlan::uniform(SimdLevel::Scalar, Strategy::Simd).to_string();
    let line_of = |text: &str| text.parse::<SelectionPlan>().map_err(|error| error.line());
    assert_eq!(line_of(""), Err(1));
    assert_eq!(line_of(&text.replace("scalar", "MMX")), Err(1));
    assert_eq!(line_of(&text.replace("<=80", "<=81")), Err(1));
    assert_eq!(line_of(&text.replace("mix", "mux")), Err(4));
    assert_eq!(line_of(&text.replacen("simd", "best", 1)), Err(2));
    assert_eq!(line_of(&text.replacen("simd", "simd simd", 1)), Err(2));
    assert_eq!(line_of(&text.lines().take(5).collect::<Vec<_>>().join("\n")), Err(6));
    assert_eq!(line_of(&format!("{text}\n\nmore")), Err(14));
    let error: PlanParseError = "AVX2".parse::<SelectionPlan>().unwrap_err();
    assert_eq!(error.to_string(), "selection plan, line 1: expected the size classes after the level");
}

#[test]
fn a_plan_for_another_architecture_is_refused() {
    let foreign = if cfg!(target_arch = "aarch64") { SimdLevel::Sse2 } else { SimdLevel::Neon };
    let plan = SelectionPlan::uniform(foreign, Strategy::Simd);
    assert_eq!(SimdProcessor::with_plan(plan).unwrap_err().level(), foreign);
}

#[test]
fn classes_cover_every_length_in_order() {
    let bounds = [(0, 80), (81, 160), (161, 320), (321, 480), (481, 960), (961, usize::MAX)];
    for (class, (first, last)) in SizeClass::ALL.into_iter().zip(bounds) {
        assert_eq!([first, last, class.typical_samples()].map(SizeClass::of), [class; 3]);
    }
}

/// Portable and vector code add in another order, which shows which one ran.
#[test]
fn the_plan_decides_what_runs_for_each_class() {
    let simd = SimdProcessor::new();
    let [scalar, vectors] = [Strategy::Scalar, Strategy::Simd].map(|strategy| simd.with_strategy(strategy));
    let plan = simd.plan().with_strategy(Operation::Energy, SizeClass::UpTo160, Strategy::Scalar);
    let mixed = SimdProcessor::with_plan(plan).unwrap();
    let wave: Vec<f32> = (0..400).map(|n| (n as f32 * 0.37).sin()).collect();
    for len in 1..=wave.len() {
        let frame = &wave[..len];
        let expected = if (81..=160).contains(&len) { scalar.energy(frame) } else { vectors.energy(frame) };
        assert_eq!(mixed.energy(frame), expected, "{len}");
    }
    let differ = (81..=160).any(|len| scalar.energy(&wave[..len]) != vectors.energy(&wave[..len]));
    assert!(differ || simd.level() == SimdLevel::Scalar, "the test would not see a difference");
}
