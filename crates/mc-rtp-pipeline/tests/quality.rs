//! The E-model at points that ITU-T G.107 and G.113 let one work out by hand.

use std::time::Duration;

use mc_rtp_pipeline::quality::{CodecImpairment, EModel};

fn rating(delay_ms: u64, loss: f32, burst_ratio: f32) -> f32 {
    let model = EModel::new(CodecImpairment::G711);
    model.with_delay(Duration::from_millis(delay_ms)).with_loss(loss, burst_ratio).rate().rating()
}

#[test]
fn delay_and_loss_cost_what_the_formulas_say() {
    let close = |a: f32, b: f32| assert!((a - b).abs() < 0.05, "{a} and {b}");
    close(rating(100, 0.0, 1.0), 93.2);
    // One doubling: 25 (2^(1/6) - 3 (1 + 3^-6)^(1/6) + 2); two doublings.
    close(93.2 - rating(200, 0.0, 1.0), 3.04);
    close(93.2 - rating(400, 0.0, 1.0), 24.07);
    // Five per cent: 95 * 5 / (5 + 25.1), bursts of twice the random length: 95 * 5 / (2.5 + 25.1).
    close(93.2 - rating(0, 0.05, 1.0), 15.78);
    close(93.2 - rating(0, 0.05, 2.0), 17.21);
    let unconcealed = EModel::new(CodecImpairment::G711_UNCONCEALED).with_loss(0.05, 1.0).rate().rating();
    close(93.2 - unconcealed, 51.08);
    let other = EModel::new(CodecImpairment::new(11.0, 19.0)).rate().rating();
    close(93.2 - other, 11.0);
}

#[test]
fn opinions_go_from_the_best_of_a_telephone_to_none() {
    let best = EModel::new(CodecImpairment::G711).rate().mos();
    assert!((best - 4.41).abs() < 0.01, "{best}");
    let mut before = best;
    for percent in 1..=100u8 {
        let loss = f32::from(percent) / 100.0;
        let model = EModel::new(CodecImpairment::G711).with_loss(loss, 1.0);
        let mos = model.with_delay(Duration::from_millis(5 * u64::from(percent))).rate().mos();
        assert!(mos <= before && mos >= 1.0, "{mos} after {before}");
        before = mos;
    }
    assert!(before < 1.1);
    let nonsense = EModel::new(CodecImpairment::G711).with_loss(f32::NAN, f32::NAN).rate();
    assert!(nonsense.mos().is_nan() || nonsense.mos() >= 1.0);
}
