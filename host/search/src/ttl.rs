//! How long a supplier's answer is good for: the sooner the departure, the shorter.

use interline_domain::places;
use interline_domain::trip::Trip;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::time::Duration;

/// One row of the policy: applies to departures less than so far away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreshnessRow {
    /// Hours until the first departure; none: however far.
    #[serde(default)]
    pub departure_within_hours: Option<u32>,
    /// Seconds for which an answer is shown without asking again.
    pub fresh_seconds: u32,
    /// Seconds after that for which it may be shown while a newer one is asked for.
    pub stale_seconds: u32,
}

/// The policy: the first row that applies holds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<FreshnessRow>")]
pub struct FreshnessTable(Vec<FreshnessRow>);

/// A table that says nothing for some departures, or has a row that can never apply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("freshness rows need ascending departure_within_hours and a last row without it")]
pub struct BadTable;

impl TryFrom<Vec<FreshnessRow>> for FreshnessTable {
    type Error = BadTable;

    fn try_from(rows: Vec<FreshnessRow>) -> Result<Self, BadTable> {
        let (last, others) = rows.split_last().ok_or(BadTable)?;
        let hours: Option<Vec<u32>> = others.iter().map(|row| row.departure_within_hours).collect();
        let ascending = hours.is_some_and(|hours| hours.is_sorted_by(|left, right| left < right));
        if last.departure_within_hours.is_some() || !ascending {
            return Err(BadTable);
        }
        Ok(Self(rows))
    }
}

impl Default for FreshnessTable {
    fn default() -> Self {
        Self(vec![
            FreshnessRow { departure_within_hours: Some(72), fresh_seconds: 60, stale_seconds: 30 },
            FreshnessRow { departure_within_hours: None, fresh_seconds: 300, stale_seconds: 300 },
        ])
    }
}

/// How long an answer is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// Shown without asking again.
    pub fresh: Duration,
    /// After that, shown while asking again.
    pub stale: Duration,
}

impl FreshnessTable {
    /// For a first departure at that moment.
    pub fn lifetime(&self, departure: Timestamp, now: Timestamp) -> Lifetime {
        let left = departure.duration_since(now);
        let applies = |row: &&FreshnessRow| {
            row.departure_within_hours.is_none_or(|hours| left < SignedDuration::from_hours(i64::from(hours)))
        };
        let row = self.0.iter().find(applies);
        let seconds = |of: fn(&FreshnessRow) -> u32| Duration::from_secs(row.map_or(0, of).into());
        Lifetime { fresh: seconds(|row| row.fresh_seconds), stale: seconds(|row| row.stale_seconds) }
    }
}

/// The start of the day of the first departure, at its place: the earliest that the trip can begin.
pub fn earliest_departure(trip: &Trip) -> Timestamp {
    let origin = trip.slices().first().map(|slice| slice.origin);
    let zone = origin
        .and_then(|origin| places::airports_of(origin.as_str()).first().and_then(|airport| airport.zone()))
        .cloned()
        .unwrap_or(TimeZone::UTC);
    let midnight = trip.departure_date().at(0, 0, 0, 0);
    zone.to_ambiguous_timestamp(midnight).compatible().unwrap_or(Timestamp::MIN)
}

/// Scatters a lifetime by up to a tenth either way, so that what was fetched together is not refreshed together.
pub fn jittered(lifetime: Duration, random: f64) -> Duration {
    lifetime.mul_f64(0.9 + 0.2 * random.clamp(0.0, 1.0))
}

/// Whether to refresh ahead of time (XFetch): likelier the nearer the end and the longer the last fetch took, so that a
/// busy key is refreshed by one early search and not by all at the end. `random` is in 0..1.
pub fn refresh_early(fresh_until: Timestamp, now: Timestamp, fetch_took: Duration, random: f64) -> bool {
    let ahead = fetch_took.as_secs_f64() * -random.max(f64::MIN_POSITIVE).ln();
    fresh_until.duration_since(now).as_secs_f64() <= ahead
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hours * 3_600).unwrap()
    }

    #[test]
    fn the_sooner_the_departure_the_shorter_the_life() {
        let table = FreshnessTable::default();
        let fresh = |hours| table.lifetime(at(hours), at(0)).fresh.as_secs();
        assert_eq!([fresh(-5), fresh(1), fresh(71), fresh(72), fresh(2_000)], [60, 60, 60, 300, 300]);
    }

    #[test]
    fn a_table_that_leaves_departures_out_or_has_rows_out_of_order_is_refused() {
        let row = |hours| FreshnessRow { departure_within_hours: hours, fresh_seconds: 1, stale_seconds: 1 };
        let table =
            |hours: &[Option<u32>]| FreshnessTable::try_from(hours.iter().map(|&at| row(at)).collect::<Vec<_>>());
        assert!(table(&[None]).is_ok());
        assert!(table(&[Some(24), Some(72), None]).is_ok());
        for wrong in [&[][..], &[Some(24)], &[None, Some(24)], &[Some(72), Some(24), None], &[Some(5), Some(5), None]] {
            assert_eq!(table(wrong), Err(BadTable), "{wrong:?}");
        }
    }

    #[test]
    fn a_busy_key_is_refreshed_early_and_a_quiet_one_hardly_ever() {
        let took = Duration::from_secs(1);
        assert!(refresh_early(at(0), at(0), took, 0.999));
        let end = at(0);
        let before = |seconds: i64| end.checked_sub(SignedDuration::from_secs(seconds)).unwrap();
        assert!(!refresh_early(end, before(60), took, 0.000_001));
        assert!(refresh_early(end, before(5), took, 0.000_001));
        assert!(!refresh_early(end, before(5), took, 0.5));
    }

    proptest! {
        #[test]
        fn scattered_lives_stay_within_a_tenth(seconds in 1_u64..10_000, random in 0.0_f64..1.0) {
            let life = jittered(Duration::from_secs(seconds), random).as_secs_f64() / seconds as f64;
            prop_assert!((0.899..1.101).contains(&life));
        }
    }
}
