//! Which processor runs what: the server alone on the first, everything else on the others.

use anyhow::Result;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// The processors of this process, as they were when it began.
#[derive(Debug, Clone)]
pub struct Cores {
    all: Vec<usize>,
}

impl Cores {
    /// Those that this process may use.
    pub fn of_this_process() -> Result<Self> {
        let set = sched_getaffinity(this_thread())?;
        Ok(Self { all: (0..CpuSet::count()).filter(|&cpu| set.is_set(cpu).unwrap_or(false)).collect() })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// From here on this thread, and what it starts, runs on the server's processor.
    pub fn be_server(&self) -> Result<()> {
        self.take(|at, _| at == 0)
    }

    /// From here on this thread, and what it starts, leaves the server's processor alone, if there is another one.
    pub fn be_driver(&self) -> Result<()> {
        self.take(|at, count| at > 0 || count == 1)
    }

    /// From here on this thread, and what it starts, runs on the first so many.
    pub fn be_first(&self, count: usize) -> Result<()> {
        self.take(|at, _| at < count)
    }

    /// From here on this thread, and what it starts, runs on the one at this place.
    pub fn be_on(&self, place: usize) -> Result<()> {
        self.take(|at, _| at == place)
    }

    fn take(&self, wanted: impl Fn(usize, usize) -> bool) -> Result<()> {
        let mut chosen = CpuSet::new();
        for (at, &cpu) in self.all.iter().enumerate() {
            if wanted(at, self.count()) {
                chosen.set(cpu)?;
            }
        }
        Ok(sched_setaffinity(this_thread(), &chosen)?)
    }
}

fn this_thread() -> Pid {
    Pid::from_raw(0)
}
