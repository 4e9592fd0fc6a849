//! Lua scripts: what must happen at once, in one place.

use crate::link::{Failure, Link};
use redis::{Cmd, FromRedisValue, Script, ToRedisArgs, cmd};

/// A script with the name that it is counted by. All of its keys are in one slot.
pub struct LuaScript {
    name: &'static str,
    code: &'static str,
    script: Script,
}

impl LuaScript {
    /// From its text.
    pub fn new(name: &'static str, code: &'static str) -> Self {
        Self { name, code, script: Script::new(code) }
    }

    /// Runs it by its hash; by its text where the server has not seen it. It is never loaded ahead: in a cluster that
    /// would ask every node, also those that are dead.
    pub async fn run<T: FromRedisValue>(
        &self,
        link: &Link,
        keys: &[&str],
        arguments: &[&(dyn Argument + Sync)],
    ) -> Result<T, Failure> {
        let first = keys.first().copied().unwrap_or_default();
        let command = |start: &str, code: &str| {
            let mut command = cmd(start);
            command.arg(code).arg(keys.len()).arg(keys);
            arguments.iter().for_each(|argument| argument.add(&mut command));
            command
        };
        match link.call(self.name, first, &command("EVALSHA", self.script.get_hash())).await {
            Err(Failure::NoScript) => link.call(self.name, first, &command("EVAL", self.code)).await,
            answer => answer,
        }
    }
}

/// Anything that can be an argument.
pub trait Argument {
    /// Adds itself.
    fn add(&self, command: &mut Cmd);
}

impl<T: ToRedisArgs> Argument for T {
    fn add(&self, command: &mut Cmd) {
        command.arg(self);
    }
}
