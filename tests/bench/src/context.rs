//! What all rows share.

use crate::cores::Cores;
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// How the rows are measured.
pub struct Context {
    /// Who runs where.
    pub cores: Cores,
    /// A smoke run: few and short rounds, figures that mean nothing.
    pub quick: bool,
    /// What is going on, for who watches.
    pub bar: ProgressBar,
}

impl Context {
    /// With a progress bar over so many groups of rows.
    pub fn new(cores: Cores, quick: bool, groups: usize) -> anyhow::Result<Self> {
        let bar = ProgressBar::new(groups as u64);
        bar.set_style(ProgressStyle::with_template("[{elapsed_precise}] {bar:30} {pos}/{len} {wide_msg}")?);
        bar.enable_steady_tick(Duration::from_millis(200));
        Ok(Self { cores, quick, bar })
    }

    /// Rounds of each row.
    pub fn rounds(&self) -> usize {
        if self.quick { 2 } else { 7 }
    }

    /// How long a server is loaded in one round.
    pub fn slice(&self) -> Duration {
        Duration::from_millis(if self.quick { 300 } else { 2_000 })
    }

    /// `full`, or in a smoke run `smoke`.
    pub fn count(&self, full: usize, smoke: usize) -> usize {
        if self.quick { smoke } else { full }
    }

    /// Tells what is going on.
    pub fn tell(&self, what: impl Into<std::borrow::Cow<'static, str>>) {
        self.bar.set_message(what);
    }
}
