//! Dates and times as suppliers write them (ISO 8601, HTTP dates) ↔ the contract's records.

use crate::types::{Date, Instant, LocalTime};

/// Text that is not the date, time or duration it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub struct TimeError {
    text: String,
    expected: &'static str,
}

fn error(text: &str, expected: &'static str) -> TimeError {
    TimeError { text: text.chars().take(64).collect(), expected }
}

/// `2027-01-20` → date.
pub fn date(text: &str) -> Result<Date, TimeError> {
    let fail = || error(text, "a date (YYYY-MM-DD)");
    let mut parts = text.trim().split('-');
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    let (Some(year), Some(month), Some(day), None) = (year, month, day, parts.next()) else { return Err(fail()) };
    if year.len() != 4 {
        return Err(fail());
    }
    let date = Date {
        year: digits(year, 4).and_then(|n| i16::try_from(n).ok()).ok_or_else(fail)?,
        month: digits(month, 2).and_then(|n| u8::try_from(n).ok()).ok_or_else(fail)?,
        day: digits(day, 2).and_then(|n| u8::try_from(n).ok()).ok_or_else(fail)?,
    };
    if (1..=12).contains(&date.month) && (1..=days_in_month(date.year, date.month)).contains(&date.day) {
        Ok(date)
    } else {
        Err(fail())
    }
}

/// `2027-01-20T10:42[:14[.545]][Z|±hh:mm|±hhmm|±hh]` → local time, with its offset where one stands there. A space is
/// taken for the `T`; fractions of a second are dropped.
pub fn local(text: &str) -> Result<LocalTime, TimeError> {
    let fail = || error(text, "a date and time (ISO 8601)");
    let text = text.trim();
    let (day, rest) = text.split_once(['T', 't', ' ']).ok_or_else(fail)?;
    let (clock, offset_minutes) = match rest.find(['Z', 'z', '+', '-']) {
        Some(at) => (&rest[..at], Some(offset(&rest[at..]).ok_or_else(fail)?)),
        None => (rest, None),
    };
    let clock = clock.split_once(['.', ',']).map_or(clock, |(whole, _)| whole);
    let mut parts = clock.split(':');
    let mut next = |max: u32| parts.next().and_then(|p| digits(p, 2)).filter(|n| *n <= max);
    let (hour, minute) = (next(23).ok_or_else(fail)?, next(59).ok_or_else(fail)?);
    let second = if clock.len() > 5 { next(60).ok_or_else(fail)?.min(59) } else { 0 };
    if parts.next().is_some() {
        return Err(fail());
    }
    let narrow = |n: u32| u8::try_from(n).unwrap_or_default();
    Ok(LocalTime {
        date: date(day).map_err(|_| fail())?,
        hour: narrow(hour),
        minute: narrow(minute),
        second: narrow(second),
        offset_minutes,
    })
}

/// A date and time with an offset → seconds since 1970. One without an offset is refused: whose it is can't be guessed;
/// where a protocol says it is UTC, use [`utc_instant`].
pub fn instant(text: &str) -> Result<Instant, TimeError> {
    let time = local(text)?;
    if time.offset_minutes.is_none() {
        return Err(error(text, "an instant (no offset)"));
    }
    utc_instant(text)
}

/// As [`instant`], and a time without an offset is UTC.
pub fn utc_instant(text: &str) -> Result<Instant, TimeError> {
    let time = local(text)?;
    to_instant(&time, 0).ok_or_else(|| error(text, "an instant after 1970"))
}

/// A local time → seconds since 1970, at its own offset or else `default_offset` minutes east of UTC.
pub fn to_instant(time: &LocalTime, default_offset: i16) -> Option<Instant> {
    let offset = i64::from(time.offset_minutes.unwrap_or(default_offset));
    let seconds =
        days(&time.date) * 86_400 + i64::from(time.hour) * 3600 + i64::from(time.minute) * 60 + i64::from(time.second)
            - offset * 60;
    u64::try_from(seconds).ok()
}

/// `PT1H35M`, `P1DT2H`, `PT95M` → minutes; a part of a minute counts as none. Years and months have no length and are
/// refused.
pub fn duration_minutes(text: &str) -> Result<u32, TimeError> {
    let fail = || error(text, "a duration (PnDTnHnM)");
    let body = text.trim().strip_prefix('P').ok_or_else(fail)?;
    let (days, clock) = body.split_once('T').unwrap_or((body, ""));
    let mut seconds: u64 = 0;
    for (part, units) in [(days, &[('W', 604_800), ('D', 86_400)][..]), (clock, &[('H', 3600), ('M', 60), ('S', 1)])] {
        let mut rest = part;
        while !rest.is_empty() {
            let end = rest.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(fail)?;
            let number = rest[..end].split(['.', ',']).next().unwrap_or_default();
            let number: u64 = digits(number, 9).ok_or_else(fail)?.into();
            let unit = units.iter().find(|(name, _)| rest[end..].starts_with(*name)).ok_or_else(fail)?.1;
            seconds += number * unit;
            rest = &rest[end + 1..];
        }
    }
    if body.is_empty() { Err(fail()) } else { u32::try_from(seconds / 60).map_err(|_| fail()) }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, IMF-fixdate) → seconds since 1970.
pub fn http_date(text: &str) -> Result<Instant, TimeError> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let fail = || error(text, "an HTTP date");
    let mut parts = text.trim().split_once(", ").ok_or_else(fail)?.1.split(' ');
    let mut next = || parts.next().ok_or_else(fail);
    let (day, month, year, clock, zone) = (next()?, next()?, next()?, next()?, next()?);
    let month = MONTHS.iter().position(|m| *m == month).ok_or_else(fail)? + 1;
    if zone != "GMT" {
        return Err(fail());
    }
    instant(&format!("{year}-{month:02}-{day}T{clock}Z")).map_err(|_| fail())
}

/// `2027-01-20`.
pub fn format_date(date: &Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
}

/// `2027-01-20T10:42:14`, with `±hh:mm` where the offset is known.
pub fn format_local(time: &LocalTime) -> String {
    let clock = format!("{}T{:02}:{:02}:{:02}", format_date(&time.date), time.hour, time.minute, time.second);
    match time.offset_minutes {
        None => clock,
        Some(offset) => {
            let sign = if offset < 0 { '-' } else { '+' };
            let minutes = offset.unsigned_abs();
            format!("{clock}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
        }
    }
}

/// `2027-01-20T10:42:14Z`.
pub fn format_instant(instant: Instant) -> String {
    let (day, second) = (instant / 86_400, instant % 86_400);
    let date = date_from_days(i64::try_from(day).unwrap_or_default());
    format!("{}T{:02}:{:02}:{:02}Z", format_date(&date), second / 3600, second / 60 % 60, second % 60)
}

/// Seconds since 1970, now.
pub fn now() -> Instant {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

/// Whole years from a birth date to a day; 0 before it.
pub fn age_on(born: &Date, day: &Date) -> u8 {
    let before_birthday = (day.month, day.day) < (born.month, born.day);
    let years = i32::from(day.year) - i32::from(born.year) - i32::from(before_birthday);
    u8::try_from(years.max(0)).unwrap_or(u8::MAX)
}

/// Days since 1970-01-01.
pub fn days(date: &Date) -> i64 {
    // Howard Hinnant's days_from_civil: years begin in March, so that the leap day is the last.
    let (month, day) = (i64::from(date.month), i64::from(date.day));
    let year = i64::from(date.year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days`].
pub fn date_from_days(days: i64) -> Date {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Date {
        year: i16::try_from(year).unwrap_or(i16::MAX),
        month: u8::try_from(month).unwrap_or(1),
        day: u8::try_from(day_of_year - (153 * shifted + 2) / 5 + 1).unwrap_or(1),
    }
}

fn days_in_month(year: i16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

fn digits(text: &str, longest: usize) -> Option<u32> {
    let plain = !text.is_empty() && text.len() <= longest && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn offset(text: &str) -> Option<i16> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let body = text.get(1..)?;
    let (hours, minutes) = match body.split_once(':') {
        Some(pair) => pair,
        None if body.len() == 4 => body.split_at_checked(2)?,
        None => (body, "0"),
    };
    let minutes = digits(hours, 2).filter(|h| *h <= 18)? * 60 + digits(minutes, 2).filter(|m| *m <= 59)?;
    i16::try_from(minutes).ok().map(|m| m * sign)
}

#[cfg(test)]
mod tests;
