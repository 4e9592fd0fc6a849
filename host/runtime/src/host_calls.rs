//! The contract's host interfaces: configuration, log, secrets, state.

mod log;
mod secrets;
mod state;

pub(crate) use log::LogBudget;

use crate::call::CallState;
use crate::contract::host;
use wasmtime::component::{HasSelf, Linker};

/// Adds the contract's host interfaces, and of WASI what a standard library and an HTTP client need: no files, no
/// sockets, no clock to wait on beyond the call's deadline.
pub(crate) fn add_to_linker(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    host::config::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::log::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::secrets::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::state::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    wasmtime_wasi_http::p2::add_to_linker_async(linker)?;
    add_command_line(linker)
}

/// What a standard library links although nobody starts a component from a command line.
fn add_command_line(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    use wasmtime_wasi::WasiView;
    use wasmtime_wasi::cli::{WasiCli, WasiCliView};
    use wasmtime_wasi::p2::bindings::{cli, random};
    use wasmtime_wasi::random::WasiRandom;

    cli::environment::add_to_linker::<CallState, WasiCli>(linker, CallState::cli)?;
    cli::exit::add_to_linker::<CallState, WasiCli>(linker, CallState::cli)?;
    cli::terminal_input::add_to_linker::<CallState, WasiCli>(linker, CallState::cli)?;
    cli::terminal_output::add_to_linker::<CallState, WasiCli>(linker, CallState::cli)?;
    cli::terminal_stdin::add_to_linker::<CallState, WasiCli>(linker, CallState::cli)?;
    cli::terminal_stdout::add_to_linker::<CallState, WasiCli>(linker, CallState::cli)?;
    cli::terminal_stderr::add_to_linker::<CallState, WasiCli>(linker, CallState::cli)?;
    random::insecure::add_to_linker::<CallState, WasiRandom>(linker, |state| state.ctx().ctx.random())?;
    random::insecure_seed::add_to_linker::<CallState, WasiRandom>(linker, |state| state.ctx().ctx.random())
}

impl host::config::Host for CallState {
    fn get(&mut self, key: String) -> Option<String> {
        self.given.config.get(&key).cloned()
    }
}
