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
