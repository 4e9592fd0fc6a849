//! From the statements that PostgreSQL logged while a job was done to a script by which pgbench does the same for any other.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::BTreeMap;

/// A statement as it was logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    text: String,
    /// `$1` and so on; none: NULL.
    parameters: Vec<Option<String>>,
}

/// The claim on a job.
const CLAIM: &str = "UPDATE jobs SET state = 'running'";
/// The end of one.
const DONE: &str = "UPDATE jobs SET state = 'done'";
/// What a worker does whether or not there is a job.
const ASIDE: [&str; 2] = ["LISTEN", "DELETE FROM outbox"];

/// Reads lines of PostgreSQL's JSON log.
pub fn read(log: &str) -> Result<Vec<Statement>> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut statements = Vec::new();
    for line in lines {
        let Some(message) = line["message"].as_str() else { continue };
        let text = match (message.strip_prefix("execute "), message.strip_prefix("statement: ")) {
            (Some(named), _) => named.split_once(": ").map(|(_, text)| text),
            (_, plain) => plain,
        };
        if let Some(text) = text.filter(|text| !ASIDE.iter().any(|aside| text.starts_with(aside))) {
            let parameters = line["detail"].as_str().map_or(Ok(Vec::new()), parameters)?;
            statements.push(Statement { text: text.trim_end_matches(';').to_owned(), parameters });
        }
    }
    Ok(statements)
}

/// `parameters: $1 = 'it''s', $2 = NULL`
fn parameters(detail: &str) -> Result<Vec<Option<String>>> {
    let mut parameters = Vec::new();
    let mut rest = detail.split_once(": ").context("no parameters")?.1;
    while let Some((_, value)) = rest.split_once(" = ") {
        if let Some(after) = value.strip_prefix("NULL") {
            parameters.push(None);
            rest = after;
            continue;
        }
        let mut text = String::new();
        let mut inner = value.strip_prefix('\'').context("no quote")?;
        loop {
            let (before, after) = inner.split_once('\'').context("no end of a text")?;
            text.push_str(before);
            match after.strip_prefix('\'') {
                Some(after) => {
                    text.push('\'');
                    inner = after;
                }
                None => {
                    rest = after;
                    break;
                }
            }
        }
        parameters.push(Some(text));
    }
    Ok(parameters)
}

/// The statements of each job that was done, one after the other, its claim first. Claims that found nothing are left out.
pub fn jobs(statements: &[Statement]) -> Result<Vec<Vec<Statement>>> {
    let claim = statements.iter().find(|one| one.text.starts_with(CLAIM)).context("no claim was logged")?;
    let work = statements.iter().skip_while(|one| !one.text.starts_with(CLAIM));
    let mut jobs = vec![vec![claim.clone()]];
    for one in work.filter(|one| !one.text.starts_with(CLAIM)) {
        if let Some(job) = jobs.last_mut() {
            job.push(one.clone());
        }
        if one.text.starts_with(DONE) {
            jobs.push(vec![claim.clone()]);
        }
    }
    jobs.retain(|job| job.last().is_some_and(|last| last.text.starts_with(DONE)));
    ensure!(!jobs.is_empty(), "no job was done");
    Ok(jobs)
}

/// A script for pgbench: claims a job, looks its item up, and does to it what was done to the one that was logged. `item`:
/// that one's row of `booking_items`.
pub fn script(job: &[Statement], item: &BTreeMap<String, String>) -> Result<String> {
    let (claim, work) = job.split_first().context("an empty job")?;
    let last = work.last().context("a job without an end")?;
    let of = |at: usize| last.parameters.get(at).cloned().flatten().context("the end names no job");
    let mut known = BTreeMap::from([(of(0)?, "c_id".to_owned()), (of(1)?, "c_lease_token".to_owned())]);
    let mut looked_up = Vec::new();
    for (column, value) in item {
        if column == "booking_id" {
            known.insert(value.clone(), "c_booking_id".to_owned());
        } else if value.len() >= 32 {
            known.entry(value.clone()).or_insert_with(|| {
                looked_up.push(format!("{column} AS i_{column}"));
                format!("i_{column}")
            });
        }
    }
    // What is left of ids was made by the worker: pgbench makes its own.
    for value in work.iter().flat_map(|one| one.parameters.iter().flatten()).filter(|value| is_uuid(value)) {
        let number = looked_up.len();
        known.entry(value.clone()).or_insert_with(|| {
            looked_up.push(format!("gen_random_uuid() AS made_{number}"));
            format!("made_{number}")
        });
    }
    let mut script = format!("{} \\gset c_\n", claim.fill(&BTreeMap::new()));
    if !looked_up.is_empty() {
        let columns = looked_up.join(", ");
        script.push_str(&format!("SELECT {columns} FROM booking_items WHERE booking_id = :c_booking_id \\gset\n"));
    }
    for one in work {
        script.push_str(&one.fill(&known));
        script.push_str(";\n");
    }
    Ok(script)
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

impl Statement {
    /// On one line, with values or variables in the place of its parameters.
    fn fill(&self, known: &BTreeMap<String, String>) -> String {
        let mut text: String = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        // From the last one down, since `$1` is the beginning of `$10`.
        for (index, value) in self.parameters.iter().enumerate().rev() {
            let value = value.as_ref().map_or_else(|| "NULL".to_owned(), |value| expression(value, known));
            text = text.replace(&format!("${}", index + 1), &value);
        }
        text
    }
}

/// A variable, a literal, or both joined.
fn expression(value: &str, known: &BTreeMap<String, String>) -> String {
    if let Some(variable) = known.get(value) {
        return format!(":{variable}");
    }
    let within = known.iter().find_map(|(known, variable)| Some((value.split_once(known.as_str())?, variable)));
    match within {
        Some(((before, after), variable)) => {
            format!("({} || :{variable} || {})", expression(before, known), expression(after, known))
        }
        None => literal(value),
    }
}

/// Colons are escaped: pgbench takes what follows one for a variable.
fn literal(value: &str) -> String {
    if value.contains([':', '\\']) {
        let escaped = value.replace('\\', "\\\\").replace(':', "\\003A").replace('\'', "''");
        format!("U&'{escaped}'")
    } else {
        format!("'{}'", value.replace('\'', "''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOKING: &str = "018f0000-0000-7000-8000-000000000001";
    const JOB: &str = "018f0000-0000-7000-8000-000000000002";
    const LEASE: &str = "018f0000-0000-7000-8000-000000000003";
    const MADE: &str = "018f0000-0000-7000-8000-000000000004";

    fn line(message: &str, detail: &str) -> String {
        serde_json::json!({"message": message, "detail": detail}).to_string()
    }

    #[test]
    fn what_was_done_to_one_job_becomes_a_script_for_any() {
        let log = [
            line("execute a: LISTEN \"outbox\"", ""),
            line("execute b: UPDATE jobs SET state = 'running', lease_until = $1", "parameters: $1 = '60'"),
            line("statement: BEGIN", ""),
            line(
                "execute c: INSERT INTO x VALUES ($1, $2, $3)",
                &format!("parameters: $1 = '{MADE}', $2 = NULL, $3 = 'it''s {{\"a\":true}}'"),
            ),
            line("execute b: UPDATE jobs SET state = 'running', lease_until = $1", "parameters: $1 = '60'"),
            line("execute d: INSERT INTO mails VALUES ($1)", &format!("parameters: $1 = '<{BOOKING}@x>'")),
            line(
                "execute e: UPDATE jobs SET state = 'done' WHERE id = $1 AND lease_token = $2",
                &format!("parameters: $1 = '{JOB}', $2 = '{LEASE}'"),
            ),
        ]
        .map(|line| line.replace("\"detail\":\"\"", "\"detail\":null"))
        .join("\n");
        let jobs = jobs(&read(&log).unwrap()).unwrap();
        assert_eq!(jobs.len(), 1);
        let item = BTreeMap::from([("booking_id".to_owned(), BOOKING.to_owned())]);
        let script = script(&jobs[0], &item).unwrap();
        let expected = [
            "UPDATE jobs SET state = 'running', lease_until = '60' \\gset c_",
            "SELECT gen_random_uuid() AS made_0 FROM booking_items WHERE booking_id = :c_booking_id \\gset",
            "BEGIN;",
            "INSERT INTO x VALUES (:made_0, NULL, U&'it''s {\"a\"\\003Atrue}');",
            "INSERT INTO mails VALUES (('<' || :c_booking_id || '@x>'));",
            "UPDATE jobs SET state = 'done' WHERE id = :c_id AND lease_token = :c_lease_token;",
        ];
        assert_eq!(script.lines().collect::<Vec<_>>(), expected);
    }
}
