//! A database of its own for each test, on the server that `DATABASE_URL` names.

use anyhow::{Context, Result};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use std::str::FromStr;
use uuid::Uuid;

/// A new, empty database.
pub struct Database {
    /// Where it is.
    pub url: String,
    /// To look into it with.
    pub pool: PgPool,
}

impl Database {
    /// Creates one. `make test` starts a server and sets `DATABASE_URL`.
    pub async fn create() -> Result<Self> {
        let server = std::env::var("DATABASE_URL").context("DATABASE_URL is not set; `make test` starts a server")?;
        let name = format!("journey_{}", Uuid::new_v4().simple());
        let mut connection = PgConnection::connect(&server).await.context("connecting to DATABASE_URL")?;
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await?;
        let url = with_database(&server, &name)?;
        let pool = PgPoolOptions::new().max_connections(4).connect_with(PgConnectOptions::from_str(&url)?).await?;
        Ok(Self { url, pool })
    }
}

fn with_database(server: &str, name: &str) -> Result<String> {
    let mut url = url::Url::parse(server).context("DATABASE_URL is no URL")?;
    url.set_path(name);
    Ok(url.into())
}
