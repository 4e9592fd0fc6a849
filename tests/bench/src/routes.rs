//! What is searched for: a thousand routes, some of them far more often than others, each with one of four filters.

use crate::load::Mix;
use crate::stage::Stage;
use interline_journey::people::day;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Pairs of places that many carriers fly between.
const PAIRS: [(&str, &str); 20] = [
    ("CGK", "NRT"),
    ("LHR", "JFK"),
    ("SIN", "SYD"),
    ("CDG", "BKK"),
    ("FRA", "SIN"),
    ("DXB", "LHR"),
    ("HKG", "LAX"),
    ("DEL", "LHR"),
    ("IST", "JFK"),
    ("AMS", "BKK"),
    ("SYD", "LHR"),
    ("NRT", "SFO"),
    ("ICN", "CDG"),
    ("KUL", "LHR"),
    ("DOH", "BKK"),
    ("MAD", "MEX"),
    ("MUC", "DEL"),
    ("ZRH", "HKG"),
    ("BOM", "DXB"),
    ("MEL", "SIN"),
];

/// Filters and orders that travellers choose.
pub const FILTERS: [&str; 4] = [
    "max_stops=1&sort=duration",
    "refundable=true&sort=price",
    "baggage=true&departure_window=06:00-18:00&sort=departure",
    "max_duration=1500&sort=arrival",
];

/// Path of a search without filters: the route of this number, of a thousand. A list shows twenty itineraries, each with its
/// cheapest fare, as its first screen needs it.
pub fn path(number: usize) -> String {
    let (origin, destination) = PAIRS[number % PAIRS.len()];
    let date = day(i64::try_from(number / PAIRS.len()).unwrap_or(0));
    format!(
        "/v1/flights/search?origin={origin}&destination={destination}&departure_date={date}&limit=20&alternatives=0"
    )
}

/// Path of a search that is not one of the thousand, for one adult too: there are fifty thousand of these.
pub fn cold(number: usize) -> String {
    const CABINS: [&str; 4] = ["economy", "premium_economy", "business", "first"];
    const DAYS: usize = 320;
    let (one, other) = PAIRS[number % PAIRS.len()];
    let number = number / PAIRS.len();
    let date = day(i64::try_from(number % DAYS).unwrap_or(0));
    let (cabin, way) = (CABINS[number / DAYS % CABINS.len()], number / DAYS / CABINS.len() % 2);
    let (origin, destination) = if way == 0 { (other, one) } else { (one, other) };
    format!(
        "/v1/flights/search?origin={origin}&destination={destination}&departure_date={date}&cabin={cabin}&limit=20&alternatives=0"
    )
}

/// Path of a search there and back, of which suppliers have as many offers as they are asked for.
pub fn back() -> String {
    let (out, home) = (day(0), day(10));
    format!(
        "/v1/flights/search?origin=LHR&destination=JFK&departure_date={out}&return_date={home}&limit=20&alternatives=0"
    )
}

/// Searches of so many routes by Zipf's law (exponent 1), each with one of the filters.
pub fn zipf(stage: &Stage, routes: usize) -> Mix {
    let requests = (0..routes)
        .flat_map(|route| FILTERS.iter().map(move |filters| format!("{}&{filters}", path(route))))
        .map(|path| stage.get(&path))
        .collect();
    let mut sums = Vec::with_capacity(routes);
    let mut sum = 0.0;
    for rank in 1..=routes {
        sum += 1.0 / rank as f64;
        sums.push(sum);
    }
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut draw = || {
        let at: f64 = random.random_range(0.0..sum);
        let route = sums.partition_point(|&below| below <= at).min(routes - 1);
        u32::try_from(route * FILTERS.len() + random.random_range(0..FILTERS.len())).unwrap_or(0)
    };
    let order = (0..65_536).map(|_| draw()).collect();
    Mix { requests, order }
}
