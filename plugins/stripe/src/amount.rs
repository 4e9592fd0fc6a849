//! ISO 4217 minor units ↔ the integers of Stripe's API (<https://docs.stripe.com/currencies>).

use interline_plugin_sdk::currency;
use interline_plugin_sdk::supplier::Money;

/// Why an amount has no form on the other side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotExact(pub String);

/// The decimals that Stripe's integers have.
fn decimals(code: &str) -> Option<u8> {
    Some(match code {
        // Zero-decimal at Stripe, two decimals by ISO.
        "MGA" => 0,
        // No decimals by ISO, and at Stripe written with two that must be 00.
        "ISK" | "UGX" => 2,
        // HUF and TWD are zero-decimal for payouts alone.
        other => currency::exponent(other)?,
    })
}

/// What is asked of Stripe: an integer, exactly. Three-decimal currencies must end in 0.
pub fn to_stripe(money: &Money) -> Result<i64, NotExact> {
    let fail = |why: &str| NotExact(format!("Stripe can't take {} of {}: {why}", money.units, money.currency));
    let decimals = decimals(&money.currency).ok_or_else(|| fail("unknown currency"))?;
    let amount = rescale(money.units, money.exponent, decimals).ok_or_else(|| fail("finer than Stripe's unit"))?;
    if decimals == 3 && amount % 10 != 0 {
        return Err(fail("the last of three decimals must be 0"));
    }
    Ok(amount)
}

/// What Stripe says, as money.
pub fn from_stripe(amount: i64, code: &str) -> Result<Money, NotExact> {
    let currency = code.to_ascii_uppercase();
    let fail = || NotExact(format!("{amount} of {currency} has no form in ISO's units"));
    let exponent = currency::exponent(&currency).ok_or_else(fail)?;
    let units = decimals(&currency).and_then(|d| rescale(amount, d, exponent)).ok_or_else(fail)?;
    Ok(Money { units, currency, exponent })
}

fn rescale(units: i64, from: u8, to: u8) -> Option<i64> {
    let factor = 10_i64.checked_pow(u32::from(from.abs_diff(to)))?;
    if to >= from { units.checked_mul(factor) } else { (units % factor == 0).then_some(units / factor) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn money(units: i64, code: &str) -> Money {
        Money { units, currency: code.to_owned(), exponent: currency::exponent(code).expect("known") }
    }

    #[test]
    fn each_currency_has_its_own_unit() {
        for (units, code, stripe) in [
            (1_050, "EUR", 1_050),
            (500_000, "IDR", 500_000),
            (500, "JPY", 500),
            (1_000, "HUF", 1_000),
            (80_000, "TWD", 80_000),
            (500, "ISK", 50_000),
            (500, "UGX", 50_000),
            (70_000, "MGA", 700),
            (1_230, "KWD", 1_230),
            (500, "XPF", 500),
        ] {
            assert_eq!(to_stripe(&money(units, code)), Ok(stripe), "{code}");
            assert_eq!(from_stripe(stripe, &code.to_lowercase()), Ok(money(units, code)), "{code}");
        }
    }

    #[test]
    fn what_stripe_cannot_take_is_refused_not_rounded() {
        assert!(to_stripe(&money(1_234, "KWD")).is_err());
        assert!(to_stripe(&money(70_050, "MGA")).is_err());
        assert!(from_stripe(50_050, "isk").is_err());
        assert!(to_stripe(&Money { units: 1, currency: "euro".to_owned(), exponent: 2 }).is_err());
        assert!(to_stripe(&money(i64::MAX, "ISK")).is_err());
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_back(
            units in -1_000_000_000i64..1_000_000_000,
            code in prop::sample::select(vec!["EUR", "JPY", "ISK", "UGX", "MGA", "KWD", "TND", "IDR", "HUF"])
        ) {
            if let Ok(stripe) = to_stripe(&money(units, code)) {
                prop_assert_eq!(from_stripe(stripe, code), Ok(money(units, code)));
            }
        }
    }
}
