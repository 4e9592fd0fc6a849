//! `Retry-After` (RFC 9110, 10.2.3).

use crate::time;
use crate::types::Instant;

/// Seconds, or an HTTP date as seen from `now` → milliseconds; a date that has passed is 0.
pub fn retry_after_ms(value: &str, now: Instant) -> Option<u32> {
    let value = value.trim();
    let seconds = match value.parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) => time::http_date(value).ok()?.saturating_sub(now),
    };
    Some(u32::try_from(seconds.saturating_mul(1000)).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::retry_after_ms;

    #[test]
    fn seconds_and_dates_are_read() {
        assert_eq!(retry_after_ms("120", 0), Some(120_000));
        assert_eq!(retry_after_ms("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_770), Some(7_000));
        assert_eq!(retry_after_ms("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_999), Some(0));
        assert_eq!(retry_after_ms("soon", 0), None);
        assert_eq!(retry_after_ms("99999999999", 0), Some(u32::MAX));
    }
}
