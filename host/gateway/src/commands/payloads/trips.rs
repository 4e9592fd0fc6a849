//! Requests to try a recorded reply with: a reply names as many passengers and legs as were asked for, and only the
//! recording knows how many.

use serde_json::{Value, json};

/// Adults, children's ages, infants.
const MIXES: [(u8, &[u8], u8); 8] =
    [(1, &[], 0), (2, &[], 0), (1, &[7], 0), (1, &[7], 1), (2, &[7], 0), (2, &[7], 1), (1, &[], 1), (2, &[7, 9], 1)];

/// Requests for an operation, the likeliest first; none: whatever the replayer makes up.
pub fn requests(operation: &str) -> Vec<Option<Value>> {
    match operation {
        "search" => MIXES.iter().flat_map(|mix| (1..=3).map(|legs| Some(search(mix, legs)))).collect(),
        "check-price" => MIXES.iter().map(|mix| Some(json!({ "passengers": passengers(mix) }))).collect(),
        _ => vec![None],
    }
}

fn search((adults, children, infants): &(u8, &[u8], u8), legs: usize) -> Value {
    let legs =
        [("CGK", "NRT", "2027-01-20"), ("NRT", "CGK", "2027-01-27"), ("CGK", "SIN", "2027-02-03")][..legs].iter();
    let slices: Vec<_> = legs
        .map(|(origin, destination, date)| json!({ "origin": origin, "destination": destination, "departure_date": date }))
        .collect();
    let mix = json!({ "adults": adults, "child_ages": children, "infants": infants });
    json!({ "trip": { "slices": slices, "passengers": mix, "cabin": "economy" } })
}

fn passengers((adults, children, infants): &(u8, &[u8], u8)) -> Vec<Value> {
    let adults = (0..*adults).map(|_| json!({ "kind": "adult", "age": null }));
    let children = children.iter().map(|age| json!({ "kind": "child", "age": age }));
    let infants = (0..*infants).map(|_| json!({ "kind": "infant", "age": 1 }));
    adults.chain(children).chain(infants).collect()
}
