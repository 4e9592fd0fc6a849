//! Exchange rates: a table with a version, a date and a source; exact cross rates; half-even rounding.

use interline_domain::money::{Currency, Money, MoneyError};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

const SANDBOX_TABLE: &str = include_str!("../data/rates.toml");

/// Identifies a rate table by its stated version and its content.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RatesVersion(Arc<str>);

impl RatesVersion {
    /// As it stands in cache keys and quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RatesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a rate table can't be used.
#[derive(Debug, thiserror::Error)]
pub enum RatesError {
    /// The file can't be read.
    #[error("the rate table {file} can't be read")]
    Unreadable {
        /// Its path.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// Not the format that is documented in `data/rates.toml`.
    #[error("the rate table is malformed: {0}")]
    Malformed(String),
    /// A rate is nothing, negative, or longer than 12 significant digits.
    #[error("the rate for {0} is no positive decimal of at most 12 digits")]
    BadRate(Currency),
}

/// Rates of one date: what one unit of the base currency buys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateTable {
    version: RatesVersion,
    date: Date,
    source: Arc<str>,
    base: Currency,
    rates: BTreeMap<Currency, Decimal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    date: Date,
    source: String,
    base: Currency,
    /// Keys are currency codes; as text, so that a wrong one is named in the error.
    rates: BTreeMap<String, Decimal>,
}

impl RateTable {
    /// Digits of a rate, at most: with them the exchange of any amount in use stays within 128 bits.
    const MAX_DIGITS: i128 = 1_000_000_000_000;

    /// A table from its parts. `rates` tell what one unit of `base` buys, major units to major units.
    pub fn new(
        version: &str,
        date: Date,
        source: &str,
        base: Currency,
        mut rates: BTreeMap<Currency, Decimal>,
    ) -> Result<Self, RatesError> {
        rates.insert(base, Decimal::ONE);
        for (currency, rate) in &mut rates {
            *rate = rate.normalize();
            if rate.mantissa() <= 0 || rate.mantissa() >= Self::MAX_DIGITS || rate.scale() > 12 {
                return Err(RatesError::BadRate(*currency));
            }
        }
        let mut hash = Sha256::new();
        hash.update(format!("{version}\0{date}\0{source}\0{base}"));
        for (currency, rate) in &rates {
            hash.update(format!("\0{currency}{rate}"));
        }
        let digest: String = hash.finalize()[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        let version = RatesVersion(format!("{version}-{digest}").into());
        Ok(Self { version, date, source: source.into(), base, rates })
    }

    /// From TOML: `version`, `date`, `source`, `base` and a table `rates` of decimal strings by currency.
    pub fn from_toml(text: &str) -> Result<Self, RatesError> {
        let file: File = toml::from_str(text).map_err(|error| RatesError::Malformed(error.to_string()))?;
        let malformed = |error: MoneyError| RatesError::Malformed(error.to_string());
        let rates = file.rates.into_iter().map(|(code, rate)| Ok((code.parse()?, rate)));
        let rates = rates.collect::<Result<_, _>>().map_err(malformed)?;
        Self::new(&file.version, file.date, &file.source, file.base, rates)
    }

    /// From a file, as [`Self::from_toml`].
    pub fn load(file: &Path) -> Result<Self, RatesError> {
        let unreadable = |source| RatesError::Unreadable { file: file.display().to_string(), source };
        Self::from_toml(&std::fs::read_to_string(file).map_err(unreadable)?)
    }

    /// The table that comes with the gateway, to be tried out with the sandbox; made up, not for trade.
    pub fn sandbox() -> Result<Self, RatesError> {
        Self::from_toml(SANDBOX_TABLE)
    }

    /// Its version: another one whenever anything in it is.
    pub fn version(&self) -> &RatesVersion {
        &self.version
    }

    /// The day that the rates are of.
    pub fn date(&self) -> Date {
        self.date
    }

    /// Who says so.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The currency that the rates are quoted against.
    pub fn base(&self) -> Currency {
        self.base
    }

    /// Currencies that it can exchange.
    pub fn currencies(&self) -> impl Iterator<Item = Currency> {
        self.rates.keys().copied()
    }

    /// The exchange from one currency to another; none if the table lacks one of them.
    pub fn rate(&self, from: Currency, to: Currency) -> Option<RateUsed> {
        Some(RateUsed {
            from,
            to,
            from_per_base: *self.rates.get(&from)?,
            to_per_base: *self.rates.get(&to)?,
            version: self.version.clone(),
            date: self.date,
            source: self.source.clone(),
        })
    }

    /// Into another currency, exactly, and rounded half-even once, to the minor unit.
    pub fn exchange(&self, amount: Money, to: Currency) -> Result<Money, crate::Unpriced> {
        let from = amount.currency;
        let rate = self.rate(from, to).ok_or(crate::Unpriced::NoRate { from, to })?;
        rate.exchange(amount).map_err(|_| crate::Unpriced::SupplierAmounts("an amount is out of range"))
    }
}

/// The exchange that a price was made with: kept with a quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateUsed {
    /// From this currency.
    pub from: Currency,
    /// Into this one.
    pub to: Currency,
    /// What one unit of the table's base buys of `from`.
    pub from_per_base: Decimal,
    /// What one unit of the table's base buys of `to`.
    pub to_per_base: Decimal,
    /// The table.
    pub version: RatesVersion,
    /// The table's date.
    pub date: Date,
    /// The table's source.
    pub source: Arc<str>,
}

impl RateUsed {
    /// Units of `to` for one of `from`, to 12 decimals: to be read, not to be counted with.
    pub fn display_rate(&self) -> Decimal {
        self.to_per_base.checked_div(self.from_per_base).unwrap_or_default().round_dp(12).normalize()
    }

    /// `amount` in `to`: one exact fraction, rounded half-even once.
    pub fn exchange(&self, amount: Money) -> Result<Money, MoneyError> {
        if amount.currency == self.to {
            return Ok(amount);
        }
        if amount.currency != self.from {
            return Err(MoneyError::CurrencyMismatch(amount.currency, self.from));
        }
        let mut numerator = i128::from(amount.units).checked_mul(self.to_per_base.mantissa());
        let mut denominator = Some(self.from_per_base.mantissa());
        let up = self.from_per_base.scale() + u32::from(self.to.exponent());
        let down = self.to_per_base.scale() + u32::from(self.from.exponent());
        let power = |exponent: u32| 10_i128.checked_pow(exponent);
        if up >= down {
            numerator = numerator.zip(power(up - down)).and_then(|(units, power)| units.checked_mul(power));
        } else {
            denominator = denominator.zip(power(down - up)).and_then(|(units, power)| units.checked_mul(power));
        }
        let (numerator, denominator) = numerator.zip(denominator).ok_or(MoneyError::OutOfRange)?;
        let units = divide_half_even(numerator, denominator).ok_or(MoneyError::OutOfRange)?;
        i64::try_from(units).map(|units| Money::new(units, self.to)).map_err(|_| MoneyError::OutOfRange)
    }
}

/// The nearest whole number; between two, the even one. `denominator` is positive.
fn divide_half_even(numerator: i128, denominator: i128) -> Option<i128> {
    let floor = numerator.checked_div_euclid(denominator)?;
    let rest = numerator.checked_rem_euclid(denominator)?;
    Some(match rest.cmp(&(denominator - rest)) {
        std::cmp::Ordering::Less => floor,
        std::cmp::Ordering::Greater => floor + 1,
        std::cmp::Ordering::Equal => floor + (floor & 1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    fn table(rates: &[(&str, &str)]) -> Result<RateTable, RatesError> {
        let rates = rates.iter().map(|(code, rate)| (currency(code), rate.parse().unwrap())).collect();
        RateTable::new("1", "2026-11-20".parse().unwrap(), "test", currency("EUR"), rates)
    }

    fn exchange(table: &RateTable, units: i64, from: &str, to: &str) -> Result<i64, crate::Unpriced> {
        table.exchange(Money::new(units, currency(from)), currency(to)).map(|money| money.units)
    }

    #[test]
    fn the_sandbox_table_says_that_it_is_made_up() {
        let table = RateTable::sandbox().unwrap();
        assert!(table.source().contains("not for trade"));
        assert!(table.version().as_str().starts_with("sandbox-1-"));
        assert!(table.currencies().count() > 40);
    }

    #[test]
    fn halves_go_to_the_even_side() {
        let table = table(&[("USD", "0.5"), ("JPY", "160")]).unwrap();
        assert_eq!(exchange(&table, 1, "EUR", "USD"), Ok(0));
        assert_eq!(exchange(&table, 3, "EUR", "USD"), Ok(2));
        assert_eq!(exchange(&table, -3, "EUR", "USD"), Ok(-2));
        assert_eq!(exchange(&table, 1_000, "EUR", "JPY"), Ok(1_600));
    }

    #[test]
    fn a_cross_rate_is_one_fraction_and_is_rounded_once() {
        // A third of a cent short of a half would be a half if the rate were cut to 12 digits.
        let table = table(&[("USD", "3"), ("GBP", "1")]).unwrap();
        assert_eq!(exchange(&table, 3_000_000_000_000_003, "USD", "GBP"), Ok(1_000_000_000_000_001));
        assert_eq!(exchange(&table, 1, "USD", "GBP"), Ok(0));
        assert_eq!(exchange(&table, 2, "USD", "GBP"), Ok(1));
    }

    #[test]
    fn what_the_table_lacks_is_named() {
        let missing = exchange(&table(&[]).unwrap(), 1, "EUR", "USD");
        assert_eq!(missing, Err(crate::Unpriced::NoRate { from: currency("EUR"), to: currency("USD") }));
    }

    #[test]
    fn any_change_makes_another_version() {
        let version = |rate| table(&[("USD", rate)]).unwrap().version().clone();
        assert_ne!(version("1.10"), version("1.11"));
        assert_eq!(version("1.10"), version("1.1"));
    }

    #[test]
    fn rates_that_are_none_are_refused() {
        for rate in ["0", "-1", "1234567890123", "0.0000000000001"] {
            assert!(matches!(table(&[("USD", rate)]), Err(RatesError::BadRate(_))), "{rate}");
        }
        let wrong = ["", "version = \"1\"", "rates = 1", &SANDBOX_TABLE.replace("USD", "USX"), "surprise = 1"];
        for text in wrong {
            assert!(matches!(RateTable::from_toml(text), Err(RatesError::Malformed(_))), "{text}");
        }
        assert!(matches!(RateTable::load(Path::new("/nowhere.toml")), Err(RatesError::Unreadable { .. })));
    }

    #[test]
    fn a_table_is_loaded_from_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rates.toml");
        std::fs::write(&file, SANDBOX_TABLE).unwrap();
        assert_eq!(RateTable::load(&file).unwrap(), RateTable::sandbox().unwrap());
    }

    proptest! {
        #[test]
        fn an_exchange_is_never_off_by_more_than_half_a_minor_unit(
            units in -1_000_000_000_000_i64..1_000_000_000_000, from in 1_i64..1_000_000_000, to in 1_i64..1_000_000_000,
        ) {
            let rates = [(currency("USD"), Decimal::new(from, 4)), (currency("GBP"), Decimal::new(to, 4))].into();
            let table = RateTable::new("1", "2026-11-20".parse().unwrap(), "test", currency("EUR"), rates).unwrap();
            if let Ok(exchanged) = exchange(&table, units, "USD", "GBP") {
                let off = i128::from(exchanged) * i128::from(from) - i128::from(units) * i128::from(to);
                prop_assert!(off.abs() * 2 <= i128::from(from));
            }
        }

        #[test]
        fn amounts_beyond_all_measure_are_an_error_and_no_panic(units: i64, from in 1_i64..1_000_000_000_000, to in 1_i64..1_000_000_000_000, scales in [0_u32..13, 0_u32..13]) {
            let rates = [(currency("KWD"), Decimal::new(from, scales[0])), (currency("JPY"), Decimal::new(to, scales[1]))].into();
            if let Ok(table) = RateTable::new("1", "2026-11-20".parse().unwrap(), "test", currency("EUR"), rates) {
                let _ = exchange(&table, units, "KWD", "JPY");
            }
        }
    }
}
