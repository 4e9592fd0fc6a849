//! The file of exchange rates, taken in again whenever it changes.

use interline_pricing::{Pricing, RateTable};
use interline_runtime::watch;
use jiff::tz::TimeZone;
use prometheus::{IntCounterVec, IntGauge, Opts, Registry};
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// A file, and the prices that are made by it.
pub struct RateFile {
    file: PathBuf,
    pricing: Pricing,
    loads: IntCounterVec,
    current: IntGauge,
    date: IntGauge,
    /// How the last look came out; the same is told once.
    seen: Option<Result<String, String>>,
}

impl RateFile {
    /// Over the table that is in use, which came from this file.
    pub fn new(file: PathBuf, pricing: Pricing, registry: &Registry) -> prometheus::Result<Self> {
        let loads = Opts::new("interline_rate_table_loads_total", "Changes of the file of exchange rates");
        let loads = IntCounterVec::new(loads, &["outcome"])?;
        let current = IntGauge::new("interline_rate_table_current", "1: the file is in use; 0: it is wrong")?;
        let date = IntGauge::new("interline_rate_table_date_seconds", "Day of the exchange rates in use, Unix time")?;
        registry.register(Box::new(loads.clone()))?;
        registry.register(Box::new(current.clone()))?;
        registry.register(Box::new(date.clone()))?;
        current.set(1);
        let rates = Self { file, pricing, loads, current, date, seen: None };
        rates.show_date();
        Ok(rates)
    }

    /// Takes in what changes, until told to stop.
    pub async fn keep(self, stopping: CancellationToken) {
        let folder = match self.file.parent() {
            Some(folder) if folder != Path::new("") => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let rates = tokio::sync::Mutex::new(self);
        watch(&folder, stopping, async || rates.lock().await.look().await).await;
    }

    async fn look(&mut self) {
        let read = tokio::fs::read_to_string(&self.file).await.map_err(|error| error.to_string());
        if self.seen.as_ref() == Some(&read) {
            return;
        }
        let table = read.clone().and_then(|text| RateTable::from_toml(&text).map_err(|error| error.to_string()));
        self.seen = Some(read);
        let (file, before) = (self.file.display(), self.pricing.rates());
        match table {
            Ok(table) => {
                self.current.set(1);
                if table.version() == before.version() {
                    return;
                }
                self.loads.with_label_values(&["ok"]).inc();
                tracing::info!(%file, version = %table.version(), date = %table.date(), before = %before.version(), "exchange rates changed");
                self.pricing.replace_rates(table);
                self.show_date();
            }
            Err(error) => {
                self.current.set(0);
                self.loads.with_label_values(&["refused"]).inc();
                tracing::error!(%file, error, in_use = %before.version(), "the file of exchange rates cannot be used; the table before stays");
            }
        }
    }

    fn show_date(&self) {
        let midnight = self.pricing.rates().date().at(0, 0, 0, 0);
        self.date.set(TimeZone::UTC.to_timestamp(midnight).map(|day| day.as_second()).unwrap_or_default());
    }
}
