//! Up to the next unit that people pay with.

use interline_rules_sdk::RuleError;
use interline_rules_sdk::code::pack;
use interline_rules_sdk::share::overflow;

/// Minor units of the smallest step of a price, where it isn't the usual one.
const UNITS: &[(&str, i64)] = &[
    // In major units: 1 000 rupiah, 1 000 dong, 1 000 pesos, 500 riel, 100 won, 100 yen-like steps of 10.
    ("IDR", 100_000),
    ("VND", 1_000),
    ("LAK", 100_000),
    ("COP", 100_000),
    ("IRR", 1_000_000),
    ("UZS", 100_000),
    ("KHR", 50_000),
    ("MMK", 10_000),
    ("KRW", 100),
    ("CLP", 100),
    ("JPY", 10),
    ("HUF", 1_000),
    ("NGN", 10_000),
    ("LKR", 1_000),
    ("PKR", 1_000),
    // Whole units, where the hundredth is no coin any more.
    ("INR", 100),
    ("PHP", 100),
    ("THB", 100),
    ("TWD", 100),
    ("CZK", 100),
    ("NOK", 100),
    ("SEK", 100),
    ("DKK", 100),
    ("ISK", 10),
    ("RUB", 100),
    ("TRY", 100),
    ("CHF", 5),
];

/// The step of prices in a currency, in minor units: a tenth of a unit for two decimals, ten for none, a hundredth for
/// three.
pub fn unit(currency: u32, exponent: i64) -> i64 {
    let usual = || match exponent {
        0 | 2 | 3 => 10,
        _ => 1,
    };
    UNITS.iter().find(|(code, _)| pack(code) == currency).map_or_else(usual, |(_, unit)| *unit)
}

/// What is missing to the next step; 0 if `total` is on one.
pub fn missing(total: i64, unit: i64) -> Result<i64, RuleError> {
    let missing = match total.rem_euclid(unit) {
        0 => 0,
        rest => unit - rest,
    };
    total.checked_add(missing).map(|_| missing).ok_or_else(|| overflow("a rounded total"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_go_up_to_what_people_pay_with() {
        let rounded = |code, exponent, total| total + missing(total, unit(pack(code), exponent)).unwrap();
        assert_eq!(rounded("IDR", 2, 512_345_678), 512_400_000);
        assert_eq!(rounded("JPY", 0, 45_671), 45_680);
        assert_eq!(rounded("EUR", 2, 12_341), 12_350);
        assert_eq!(rounded("KWD", 3, 12_341), 12_350);
        assert_eq!(rounded("CHF", 2, 12_341), 12_345);
        assert_eq!(rounded("EUR", 2, 12_350), 12_350);
    }
}
