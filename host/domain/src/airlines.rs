//! Airlines by IATA designator, from the table in `data/` (see `data/NOTICE.md`).

use std::collections::HashMap;
use std::sync::LazyLock;

const AIRLINES: &str = include_str!("../data/airlines.tsv");

/// An airline with an IATA designator that is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Airline {
    /// Two-character IATA designator, upper case.
    pub code: &'static str,
    /// English name.
    pub name: &'static str,
    /// Three digits that its ticket numbers begin with, where it has them.
    pub ticket_prefix: Option<&'static str>,
}

static BY_CODE: LazyLock<HashMap<&'static str, Airline>> =
    LazyLock::new(|| AIRLINES.lines().filter_map(parse).map(|airline| (airline.code, airline)).collect());

fn parse(line: &'static str) -> Option<Airline> {
    let mut columns = line.split('\t');
    let code = columns.next().filter(|code| code.len() == 2)?;
    let name = columns.next().filter(|name| !name.is_empty())?;
    let prefix = columns.next()?;
    let ticket_prefix = match prefix.len() {
        0 => None,
        3 if prefix.bytes().all(|byte| byte.is_ascii_digit()) => Some(prefix),
        _ => return None,
    };
    columns.next().is_none().then_some(Airline { code, name, ticket_prefix })
}

/// The airline with this designator, upper case.
pub fn airline(code: &str) -> Option<&'static Airline> {
    BY_CODE.get(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_is_dropped() {
        assert_eq!(BY_CODE.len(), AIRLINES.lines().count());
    }

    #[test]
    fn ticketing_prefixes_have_three_digits() {
        assert_eq!(airline("QF").and_then(|airline| airline.ticket_prefix), Some("081"));
        assert_eq!(airline("LH").map(|airline| airline.name), Some("Lufthansa"));
        assert_eq!(airline("ZZZ"), None);
    }
}
