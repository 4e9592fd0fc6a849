//! Money, dates, times.

use super::Broken;
use crate::contract::{money, time};
use interline_domain::itinerary::LocalTime;
use interline_domain::money::{Currency, Money};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use std::time::Duration;

pub(crate) fn money_in(money: &money::Money) -> Result<Money, Broken> {
    let currency: Currency = money.currency.parse().map_err(|error| Broken(format!("{error}")))?;
    let exponent = currency.exponent();
    if exponent != money.exponent {
        return Err(Broken(format!("exponent {} given for {currency}, which has {exponent}", money.exponent)));
    }
    Ok(Money::new(money.units, currency))
}

/// An amount that cannot be below zero.
pub(crate) fn amount_in(money: &money::Money, what: &str) -> Result<Money, Broken> {
    let amount = money_in(money).map_err(|broken| broken.at(what))?;
    if amount.units < 0 {
        return Err(Broken(format!("{what} of {amount}")));
    }
    Ok(amount)
}

pub(crate) fn money_out(money: Money) -> money::Money {
    let exponent = money.currency.exponent();
    money::Money { units: money.units, currency: money.currency.code().to_owned(), exponent }
}

pub(crate) fn date_in(date: time::Date) -> Result<Date, Broken> {
    let broken = || Broken(format!("{}-{}-{} is no date", date.year, date.month, date.day));
    let (month, day) = (i8::try_from(date.month), i8::try_from(date.day));
    Date::new(date.year, month.map_err(|_| broken())?, day.map_err(|_| broken())?).map_err(|_| broken())
}

pub(crate) fn date_out(date: Date) -> time::Date {
    time::Date { year: date.year(), month: date.month().unsigned_abs(), day: date.day().unsigned_abs() }
}

pub(crate) fn local_time_in(local: &time::LocalTime) -> Result<LocalTime, Broken> {
    let date = date_in(local.date)?;
    let (hour, minute, second) = (local.hour, local.minute, local.second);
    let broken = || Broken(format!("{hour}:{minute}:{second} is no time of day"));
    let part = |part: u8| i8::try_from(part).map_err(|_| broken());
    let at = DateTime::new(date.year(), date.month(), date.day(), part(hour)?, part(minute)?, part(second)?, 0);
    // The widest offsets in use are -12 and +14 hours.
    if let Some(offset) = local.offset_minutes.filter(|offset| !(-14 * 60..=15 * 60).contains(offset)) {
        return Err(Broken(format!("{offset} minutes is no offset")));
    }
    Ok(LocalTime { at: at.map_err(|_| broken())?, offset_minutes: local.offset_minutes })
}

pub(crate) fn instant_in(instant: u64) -> Result<Timestamp, Broken> {
    let seconds = i64::try_from(instant).ok();
    let timestamp = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    timestamp.ok_or_else(|| Broken(format!("{instant} is no moment")))
}

pub(crate) fn instant_out(timestamp: Timestamp) -> u64 {
    u64::try_from(timestamp.as_second()).unwrap_or(0)
}

pub(crate) fn milliseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wire(units: i64, currency: &str, exponent: u8) -> money::Money {
        money::Money { units, currency: currency.to_owned(), exponent }
    }

    #[test]
    fn money_with_another_exponent_than_its_currency_has_is_refused() {
        assert_eq!(money_in(&wire(500, "JPY", 0)).unwrap().units, 500);
        for wrong in [wire(500, "JPY", 2), wire(500, "EUR", 0), wire(500, "KWD", 2), wire(5, "eur", 2), wire(5, "", 2)]
        {
            assert!(money_in(&wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn days_and_times_that_do_not_exist_are_refused() {
        let date = |year, month, day| time::Date { year, month, day };
        let at =
            |hour, minute| time::LocalTime { date: date(2027, 1, 20), hour, minute, second: 0, offset_minutes: None };
        assert!(date_in(date(2028, 2, 29)).is_ok());
        for wrong in [date(2027, 2, 29), date(2027, 13, 1), date(2027, 0, 1), date(2027, 1, 200)] {
            assert!(date_in(wrong).is_err(), "{wrong:?}");
        }
        assert!(local_time_in(&at(23, 59)).is_ok());
        assert!(local_time_in(&at(24, 0)).is_err());
        assert!(local_time_in(&time::LocalTime { offset_minutes: Some(2000), ..at(1, 1) }).is_err());
        assert!(instant_in(u64::MAX).is_err());
    }

    proptest! {
        #[test]
        fn no_money_on_the_wire_panics(units in any::<i64>(), currency in "[A-Z]{0,4}", exponent in any::<u8>()) {
            if let Ok(money) = money_in(&wire(units, &currency, exponent)) {
                let back = money_out(money);
                prop_assert_eq!((back.units, back.currency, back.exponent), (units, currency, exponent));
            }
        }

        #[test]
        fn no_time_on_the_wire_panics(
            (year, month, day) in (any::<i16>(), any::<u8>(), any::<u8>()),
            (hour, minute, second) in (any::<u8>(), any::<u8>(), any::<u8>()),
            offset_minutes in any::<Option<i16>>(),
        ) {
            let date = time::Date { year, month, day };
            let _ = local_time_in(&time::LocalTime { date, hour, minute, second, offset_minutes });
        }
    }
}
