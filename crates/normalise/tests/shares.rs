//! The share of the values of real records that is understood does not fall. `cargo run -p normalise --example shares` has the
//! values.

#[path = "support/corpus.rs"]
mod corpus;

#[test]
fn most_values_of_real_records_are_understood() {
    let mut counts = corpus::Counts::new();
    if !corpus::corpus(&mut counts) {
        return;
    }
    for (topic, bar) in [
        ("licence", 95.0),
        ("format", 97.0),
        ("frequency", 98.0),
        ("language", 99.0),
    ] {
        let (certain, doubtful, _, open) = corpus::shares(&counts[topic]);
        let stated = f64::from(certain + doubtful + open);
        let share = f64::from(certain + doubtful) * 100.0 / stated;
        println!("{topic}: {share:.2} % of {stated}");
        assert!(
            share >= bar,
            "{topic}: {share:.2} % of {stated} values are understood, fewer than {bar} %"
        );
    }
}
