//! Shares of amounts, exactly.

use crate::RuleError;

/// `numerator ÷ denominator` of `amount`, rounded half-even. The denominator is taken as 1 if it isn't positive.
///
/// # Errors
/// `out-of-range` if the result leaves 64 bits.
pub fn of(amount: i64, numerator: i64, denominator: i64) -> Result<i64, RuleError> {
    let denominator = i128::from(denominator.max(1));
    let product = i128::from(amount) * i128::from(numerator);
    let (floor, rest) = (product.div_euclid(denominator), product.rem_euclid(denominator));
    let up = match rest.cmp(&(denominator - rest)) {
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Greater => 1,
        std::cmp::Ordering::Equal => floor & 1,
    };
    i64::try_from(floor + up).map_err(|_| overflow("a share"))
}

/// So many tenths of a percent of `amount`.
///
/// # Errors
/// As [`of`].
pub fn per_mille(amount: i64, per_mille: i64) -> Result<i64, RuleError> {
    of(amount, per_mille, 1000)
}

/// The sum.
///
/// # Errors
/// `out-of-range` if it leaves 64 bits.
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
        fn too_large_a_share_is_an_error_and_no_panic(amount in any::<i64>(), numerator in any::<i64>(), denominator in any::<i64>()) {
            let _ = of(amount, numerator, denominator);
        }
    }
}
