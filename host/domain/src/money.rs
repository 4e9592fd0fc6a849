//! Money in minor units, exactly; exchange with half-even rounding.

use crate::text::Text;
use iso_currency::{Currency as Iso, IntoEnumIterator};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

/// Why an amount could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not an ISO 4217 code in use.
    #[error("`{0}` is not an ISO 4217 currency code")]
    UnknownCurrency(String),
    /// Two currencies in one sum.
    #[error("{0} and {1} cannot be added")]
    CurrencyMismatch(Currency, Currency),
    /// Beyond what 64 bits of minor units hold.
    #[error("the amount is out of range")]
    OutOfRange,
    /// Not a decimal number, or with more decimals than the currency has.
    #[error("`{0}` is not an amount of {1}")]
    NotAnAmount(String, Currency),
}

/// Decimals by code: every amount that is read or written asks for them. A code without (XAU, XTS) is no money that anybody
/// pays with.
static EXPONENTS: LazyLock<HashMap<[u8; 3], u8, foldhash::fast::RandomState>> = LazyLock::new(|| {
    let exponent = |iso: Iso| Some((iso.code().as_bytes().try_into().ok()?, iso.exponent()?.min(4) as u8));
    Iso::iter().filter_map(exponent).collect()
});

/// An ISO 4217 currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The alphabetic code, upper case.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Decimals of the minor unit: 2 for EUR, 0 for JPY, 3 for KWD.
    pub fn exponent(&self) -> u8 {
        EXPONENTS.get(&self.0).copied().unwrap_or(2)
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        let known = code.as_bytes().try_into().ok().filter(|code| EXPONENTS.contains_key(code));
        known.map(Self).ok_or_else(|| MoneyError::UnknownCurrency(code.to_owned()))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Code)
    }
}

/// Reads a code where it stands: a cached search has thousands of them.
struct Code;

impl Visitor<'_> for Code {
    type Value = Currency;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an ISO 4217 currency code")
    }

    fn visit_str<E: serde::de::Error>(self, code: &str) -> Result<Currency, E> {
        code.parse().map_err(E::custom)
    }
}

/// An amount in minor units of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units: cents of EUR, whole yen of JPY.
    pub units: i64,
    /// Of what.
    pub currency: Currency,
}

impl Money {
    /// `units` minor units of `currency`.
    pub const fn new(units: i64, currency: Currency) -> Self {
        Self { units, currency }
    }

    /// Nothing, in `currency`.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Sum of two amounts of one currency.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch(self.currency, other.currency));
        }
        self.units.checked_add(other.units).map(|units| Self::new(units, self.currency)).ok_or(MoneyError::OutOfRange)
    }

    /// Difference of two amounts of one currency.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.checked_add(Self::new(other.units.checked_neg().ok_or(MoneyError::OutOfRange)?, other.currency))
    }

    /// The amount as a decimal of major units: `123.45`.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.units, u32::from(self.currency.exponent()))
    }

    /// The same as text. A page of offers has more than a hundred.
    pub fn to_text(self) -> Text {
        let (mut buffer, exponent) = (itoa::Buffer::new(), usize::from(self.currency.exponent()));
        let digits = buffer.format(self.units.unsigned_abs());
        let (whole, fraction) = digits.split_at(digits.len().saturating_sub(exponent));
        let mut text = Text::new();
        if self.units < 0 {
            text.push('-');
        }
        text.push_str(if whole.is_empty() { "0" } else { whole });
        if exponent > 0 {
            text.push('.');
            (fraction.len()..exponent).for_each(|_| text.push('0'));
            text.push_str(fraction);
        }
        text
    }

    /// From a decimal string of major units, exactly: more decimals than the currency has are refused unless zero.
    pub fn from_decimal_str(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let refused = || MoneyError::NotAnAmount(text.to_owned(), currency);
        let decimal = Decimal::from_str_exact(text.trim()).map_err(|_| refused())?.normalize();
        let exponent = u32::from(currency.exponent());
        if decimal.scale() > exponent {
            return Err(refused());
        }
        let scale = Decimal::from(10_u64.pow(exponent));
        let units = decimal.checked_mul(scale).and_then(|units| units.to_i64()).ok_or(MoneyError::OutOfRange)?;
        Ok(Self::new(units, currency))
    }

    /// Into another currency at `rate` (units of `target` for one of ours, major to major), rounded half-even to the
    /// minor unit.
    pub fn exchange(self, target: Currency, rate: Decimal) -> Result<Self, MoneyError> {
        if target == self.currency {
            return Ok(self);
        }
        let scale = Decimal::from(10_u64.pow(u32::from(target.exponent())));
        self.to_decimal()
            .checked_mul(rate)
            .and_then(|major| major.checked_mul(scale))
            .map(|minor| minor.round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointNearestEven))
            .and_then(|minor| minor.to_i64())
            .map(|units| Self::new(units, target))
            .ok_or(MoneyError::OutOfRange)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, self.to_decimal())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn exponents_are_those_of_iso_4217() {
        let exponents = ["EUR", "JPY", "KRW", "IDR", "KWD", "CLP"].map(|code| currency(code).exponent());
        assert_eq!(exponents, [2, 0, 0, 2, 3, 0]);
    }

    #[test]
    fn decimals_that_the_currency_lacks_are_refused() {
        assert!(Money::from_decimal_str("10.5", currency("JPY")).is_err());
        assert_eq!(Money::from_decimal_str("10.00", currency("JPY")).unwrap().units, 10);
        assert_eq!(Money::from_decimal_str("1234.5", currency("KWD")).unwrap().units, 1_234_500);
        assert!(Money::from_decimal_str("1e3", currency("EUR")).is_err());
        assert!(Money::from_decimal_str("99999999999999999999", currency("EUR")).is_err());
    }

    #[test]
    fn exchange_rounds_half_to_even() {
        let rate = "0.5".parse().unwrap();
        assert_eq!(Money::new(1, currency("EUR")).exchange(currency("USD"), rate).unwrap().units, 0);
        assert_eq!(Money::new(3, currency("EUR")).exchange(currency("USD"), rate).unwrap().units, 2);
    }

    #[test]
    fn codes_that_nobody_pays_with_are_refused() {
        for code in ["XAU", "eur", "EURO", "", "ZZZ"] {
            assert!(code.parse::<Currency>().is_err(), "{code}");
        }
    }

    proptest! {
        #[test]
        fn a_decimal_comes_back_as_it_went(units in any::<i64>(), code in prop::sample::select(vec!["EUR", "JPY", "KWD", "IDR"])) {
            let money = Money::new(units, currency(code));
            let again = Money::from_decimal_str(&money.to_decimal().to_string(), money.currency).unwrap();
            prop_assert_eq!(money, again);
        }

        #[test]
        fn an_amount_is_told_alike_in_both_ways(
            units in prop_oneof![any::<i64>(), -2_000_i64..2_000], code in prop::sample::select(vec!["EUR", "JPY", "KWD", "IDR"]),
        ) {
            let money = Money::new(units, currency(code));
            prop_assert_eq!(money.to_text().to_string(), money.to_decimal().to_string());
        }
    }
}
