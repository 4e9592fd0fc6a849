//! Calling what a component exports.

use crate::call::{Converted, Refused};
use crate::contract::errors::Fault;
use crate::convert::{Broken, faults};

/// Calls an exported function: loads the interface of a fresh instance, and hands over the request.
macro_rules! invoke {
    ($indices:expr, $function:ident, $request:expr) => {{
        let (indices, request) = ($indices, $request);
        let invoke: $crate::call::Invoke<_> = Box::new(move |store, instance| {
            Box::pin(async move {
                let guest = indices.load(&mut *store, &instance)?;
                guest.$function(store, &request).await
            })
        });
        invoke
    }};
}
pub(crate) use invoke;

/// An answer of one conversion, or the far side's fault.
pub(crate) fn answer<R, D>(
    reply: Result<R, Fault>,
    convert: impl FnOnce(R) -> Result<D, Broken>,
) -> Result<Converted<D>, Refused> {
    Ok(convert(reply.map_err(faults::refused)?)?.into())
}
