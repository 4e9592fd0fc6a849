//! Shares of amounts, exactly.

use crate::RuleError;
use std::cmp::Ordering;

/// `numerator ÷ denominator` of `amount`, rounded half-even. The denominator is taken as 1 if it isn't positive.
///
/// # Errors
/// `out-of-range` if the result leaves 64 bits.
#[inline]
pub fn of(amount: i64, numerator: i64, denominator: i64) -> Result<i64, RuleError> {
    let denominator = denominator.max(1);
    // WebAssembly divides 64 bits at once, and 128 of them step by step; the latter is rarely needed.
    if let Some(product) = product(amount, numerator) {
        let towards_zero = product / denominator;
        let rest = product - towards_zero * denominator;
        let (floor, rest) = if rest < 0 { (towards_zero - 1, rest + denominator) } else { (towards_zero, rest) };
        return Ok(floor + i64::from(is_up(rest.cmp(&(denominator - rest)), floor & 1 == 1)));
    }
    let (product, denominator) = (i128::from(amount) * i128::from(numerator), i128::from(denominator));
    let (floor, rest) = (product.div_euclid(denominator), product.rem_euclid(denominator));
    let share = floor + i128::from(is_up(rest.cmp(&(denominator - rest)), floor & 1 == 1));
    i64::try_from(share).map_err(|_| overflow("a share"))
}

/// The product; none if it leaves 64 bits, or comes near to it. To know exactly, as `checked_mul` does, WebAssembly would
/// multiply 128 bits.
fn product(one: i64, other: i64) -> Option<i64> {
    let bits = |number: i64| i64::BITS - number.unsigned_abs().leading_zeros();
    (bits(one) + bits(other) < i64::BITS).then(|| one * other)
}

/// So many times an amount.
///
/// # Errors
/// `out-of-range` if it leaves 64 bits.
#[inline]
pub fn times(amount: i64, count: i64) -> Result<i64, RuleError> {
    product(amount, count).or_else(|| amount.checked_mul(count)).ok_or_else(|| overflow("a product"))
}

/// Whether what is left over, held against what is missing to the next, is rounded up.
fn is_up(left_over: Ordering, is_odd: bool) -> bool {
    left_over == Ordering::Greater || (left_over == Ordering::Equal && is_odd)
}

/// So many tenths of a percent of `amount`.
///
/// # Errors
/// As [`of`].
#[inline]
pub fn per_mille(amount: i64, per_mille: i64) -> Result<i64, RuleError> {
    of(amount, per_mille, 1000)
}

/// The sum.
///
/// # Errors
/// `out-of-range` if it leaves 64 bits.
#[inline]
pub fn add(one: i64, other: i64) -> Result<i64, RuleError> {
    one.checked_add(other).ok_or_else(|| overflow("a sum"))
}

/// The error for an amount that left the range of 64 bits.
pub fn overflow(what: &str) -> RuleError {
    RuleError::OutOfRange(format!("{what} is beyond 64 bits"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halves_go_to_the_even_side() {
        let shares = [500, 1500, 2500, -500, -1500].map(|amount| per_mille(amount, 1).unwrap());
        assert_eq!(shares, [0, 2, 2, 0, -2]);
    }

    proptest! {
        #[test]
        fn a_share_is_never_off_by_more_than_half(amount in any::<i64>(), numerator in 0_i64..1000, denominator in 1_i64..1000) {
            if let Ok(share) = of(amount, numerator, denominator) {
                let off = i128::from(share) * i128::from(denominator) - i128::from(amount) * i128::from(numerator);
                prop_assert!(off.abs() * 2 <= i128::from(denominator));
            }
        }

        #[test]
        fn what_needs_more_than_64_bits_on_the_way_is_exact_too(share in any::<i32>(), factor in 1_i64 << 40..1 << 60) {
            prop_assert_eq!(of(i64::from(share), factor, factor), Ok(i64::from(share)));
        }

        #[test]
        fn a_product_is_exact_or_an_error(amount in any::<i64>(), wide in any::<i64>(), narrow in any::<i16>()) {
            for count in [wide, i64::from(narrow), 0, 1, -1, i64::MIN] {
                prop_assert_eq!(times(amount, count).ok(), amount.checked_mul(count));
            }
        }

        #[test]
        fn too_large_a_share_is_an_error_and_no_panic(amount in any::<i64>(), numerator in any::<i64>(), denominator in any::<i64>()) {
            let _ = of(amount, numerator, denominator);
        }
    }
}
