//! Suppliers' decimals → minor units, exactly. No float is ever involved.

use crate::currency;
use crate::types::Money;

/// Why an amount was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not a plain decimal number (`[+-]digits[.digits]`).
    #[error("`{0}` is not a decimal amount")]
    NotDecimal(String),
    /// More decimals than ISO 4217 gives the currency, and not all of them zero.
    #[error("`{amount}` is finer than the smallest unit of {currency}")]
    TooFine {
        /// The amount as the supplier wrote it.
        amount: String,
        /// Its currency.
        currency: String,
    },
    /// Beyond what 64 bits hold.
    #[error("`{0}` is too large")]
    TooLarge(String),
    /// Not three upper-case letters.
    #[error("`{0}` is not an ISO 4217 code")]
    NotCurrency(String),
    /// Two amounts of different currencies were added.
    #[error("{0} and {1} can't be added")]
    Mixed(String, String),
}

/// `"123.45"`, `"EUR"` → 12345 minor units with exponent 2. Trailing zeros beyond the exponent are fine (`"500.00"` yen
/// is 500), other digits there are refused: nothing is rounded.
pub fn money(amount: &str, currency: &str) -> Result<Money, AmountError> {
    let currency = currency.trim();
    let exponent = currency::exponent(currency).ok_or_else(|| AmountError::NotCurrency(currency.to_owned()))?;
    let units = units(amount, exponent).map_err(|why| match why {
        AmountError::TooFine { amount, .. } => AmountError::TooFine { amount, currency: currency.to_owned() },
        other => other,
    })?;
    Ok(Money { units, currency: currency.to_owned(), exponent })
}

/// `"EUR123.45"` (the currency in front, as GDSs write it) → money.
pub fn prefixed_money(amount: &str) -> Result<Money, AmountError> {
    let amount = amount.trim();
    match (amount.get(..3), amount.get(3..)) {
        (Some(currency), Some(number)) => money(number, currency),
        _ => Err(AmountError::NotCurrency(amount.to_owned())),
    }
}

/// A decimal string → whole units of 10^-`exponent`.
pub fn units(amount: &str, exponent: u8) -> Result<i64, AmountError> {
    let text = amount.trim();
    let not_decimal = || AmountError::NotDecimal(text.to_owned());
    let too_large = || AmountError::TooLarge(text.to_owned());
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(not_decimal());
    }
    let exponent = usize::from(exponent);
    let kept = &fraction[..fraction.len().min(exponent)];
    if fraction[kept.len()..].bytes().any(|b| b != b'0') {
        return Err(AmountError::TooFine { amount: text.to_owned(), currency: String::new() });
    }
    let padding = std::iter::repeat_n(b'0', exponent - kept.len());
    let mut value: i64 = 0;
    for digit in whole.bytes().chain(kept.bytes()).chain(padding) {
        let digit = i64::from(digit - b'0');
        value = value.checked_mul(10).and_then(|v| v.checked_sub(digit)).ok_or_else(too_large)?;
    }
    // Counted downwards, since i64 reaches one further below zero.
    if negative { Ok(value) } else { value.checked_neg().ok_or_else(too_large) }
}

/// Minor units → the decimal a supplier reads: `12345` with exponent 2 → `"123.45"`, with exponent 0 → `"12345"`.
pub fn to_decimal(money: &Money) -> String {
    let exponent = usize::from(money.exponent);
    let sign = if money.units < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", money.units.unsigned_abs(), width = exponent + 1);
    let (whole, fraction) = digits.split_at(digits.len() - exponent);
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// The sum of two amounts of one currency.
pub fn add(a: &Money, b: &Money) -> Result<Money, AmountError> {
    if a.currency != b.currency || a.exponent != b.exponent {
        return Err(AmountError::Mixed(a.currency.clone(), b.currency.clone()));
    }
    let units = a.units.checked_add(b.units).ok_or_else(|| AmountError::TooLarge(to_decimal(a)))?;
    Ok(Money { units, currency: a.currency.clone(), exponent: a.exponent })
}

/// `a − b` of one currency.
pub fn subtract(a: &Money, b: &Money) -> Result<Money, AmountError> {
    if a.currency != b.currency || a.exponent != b.exponent {
        return Err(AmountError::Mixed(a.currency.clone(), b.currency.clone()));
    }
    let units = a.units.checked_sub(b.units).ok_or_else(|| AmountError::TooLarge(to_decimal(a)))?;
    Ok(Money { units, currency: a.currency.clone(), exponent: a.exponent })
}

/// `count` times an amount.
pub fn times(amount: &Money, count: u32) -> Result<Money, AmountError> {
    let units = amount.units.checked_mul(i64::from(count)).ok_or_else(|| AmountError::TooLarge(to_decimal(amount)))?;
    Ok(Money { units, currency: amount.currency.clone(), exponent: amount.exponent })
}

/// Nothing, in a currency.
pub fn zero(currency: &str) -> Result<Money, AmountError> {
    money("0", currency)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimals_take_the_exponent_of_their_currency() {
        let units = |amount, currency| money(amount, currency).map(|m| (m.units, m.exponent));
        assert_eq!(units("123.45", "EUR"), Ok((12345, 2)));
        assert_eq!(units("123", "EUR"), Ok((12300, 2)));
        assert_eq!(units("123.4", "EUR"), Ok((12340, 2)));
        assert_eq!(units("500.00", "JPY"), Ok((500, 0)));
        assert_eq!(units("1.234", "KWD"), Ok((1234, 3)));
        assert_eq!(units("5000", "IDR"), Ok((500_000, 2)));
        assert_eq!(units("-0.05", "USD"), Ok((-5, 2)));
        assert_eq!(prefixed_money("JPY81200").map(|m| m.units), Ok(81_200));
    }

    #[test]
    fn nothing_is_rounded_and_nonsense_is_refused() {
        assert!(matches!(money("0.5", "JPY"), Err(AmountError::TooFine { .. })));
        assert!(matches!(money("1.005", "EUR"), Err(AmountError::TooFine { .. })));
        for bad in ["", ".", "-", "1e3", "1,000.00", "NaN", "١"] {
            assert!(matches!(money(bad, "EUR"), Err(AmountError::NotDecimal(_))), "{bad}");
        }
        assert!(matches!(money("1", "eur"), Err(AmountError::NotCurrency(_))));
        assert!(matches!(money("99999999999999999999", "EUR"), Err(AmountError::TooLarge(_))));
        assert!(prefixed_money("€12").is_err());
    }

    proptest! {
        #[test]
        fn every_amount_survives_the_way_out_and_back(
            units: i64, currency in prop::sample::select(vec!["EUR", "JPY", "KWD", "CLF"])
        ) {
            let exponent = currency::exponent(currency).expect("known");
            let there = Money { units, currency: currency.to_owned(), exponent };
            let back = money(&to_decimal(&there), currency).expect("parses");
            prop_assert_eq!(back.units, units);
        }

        #[test]
        fn no_text_makes_it_panic(text: String) {
            let _ = prefixed_money(&text);
            let _ = money(&text, "EUR");
        }
    }
}
