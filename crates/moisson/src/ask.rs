//! Asks the daemon that has the data directory, over loopback and with its token.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, bail};
use serde::Serialize;
use serde_json::Value;

use crate::config::Loaded;
use crate::instance::Layout;

/// The daemon answers sooner, be it to say that it takes longer.
const PATIENCE: Duration = Duration::from_secs(300);

/// The daemon of a data directory.
pub struct Daemon {
    root: String,
    token: String,
}

impl Daemon {
    /// The daemon that was there last, if there ever was one.
    ///
    /// # Errors
    /// When its token cannot be read.
    pub fn of(layout: &Layout, loaded: &Loaded) -> anyhow::Result<Option<Self>> {
        let address = std::fs::read_to_string(layout.admin_address()).ok();
        let Some(address) = address.and_then(|address| address.trim().parse().ok()) else {
            return Ok(None);
        };
        let token = match &loaded.main.server.admin_token {
            Some(secret) => secret.read().map_err(anyhow::Error::msg),
            None => {
                let path = layout.admin_token();
                std::fs::read_to_string(&path).with_context(|| path.display().to_string())
            }
        };
        let token = token.context("the token of the daemon cannot be read, so that it cannot be asked: run this as the user that runs it")?;
        Ok(Some(Self {
            root: format!("http://{}", loopback(address)),
            token: token.trim().to_owned(),
        }))
    }

    /// Asks it to do something. `None` if nobody is there.
    ///
    /// # Errors
    /// When it refuses; the message says why.
    pub async fn ask(&self, path: &str, said: &impl Serialize) -> anyhow::Result<Option<Value>> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(PATIENCE)
            .build()?;
        let asked = client
            .post(format!("{}{path}", self.root))
            .bearer_auth(&self.token)
            .header("content-type", "application/json")
            .body(serde_json::to_vec(said)?)
            .send()
            .await;
        let answer = match asked {
            Ok(answer) => answer,
            Err(error) if error.is_connect() => return Ok(None),
            Err(error) => return Err(error).context("the daemon does not answer"),
        };
        let status = answer.status();
        let body = answer.bytes().await.context("the daemon does not answer")?;
        let told: Value = serde_json::from_slice(&body).unwrap_or_default();
        if status.is_success() {
            return Ok(Some(told));
        }
        let why = told["detail"].as_str().unwrap_or("no reason was given");
        match status.as_u16() {
            409 => bail!("{why}"),
            // Only a daemon that harvests has an administration.
            404 => bail!(
                "the data directory is in use by a `moisson serve`, which changes nothing: end it first"
            ),
            504 => {
                bail!("the daemon is busy, and does it when it can: `moisson decisions` shows it")
            }
            status => bail!("the daemon answers {status}: {why}"),
        }
    }
}

/// Where one that listens everywhere is reached from here.
fn loopback(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
