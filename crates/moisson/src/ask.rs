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
    pub fn of(layout: &Layout, loaded: &Loaded) -> Option<Self> {
        let address = std::fs::read_to_string(layout.admin_address()).ok()?;
        let address: SocketAddr = address.trim().parse().ok()?;
        let token = match &loaded.main.server.admin_token {
            Some(secret) => secret.read().ok()?,
            None => std::fs::read_to_string(layout.admin_token()).ok()?,
        };
        Some(Self {
            root: format!("http://{}", loopback(address)),
            token: token.trim().to_owned(),
        })
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
        match told["detail"].as_str() {
            Some(why) if status.as_u16() == 409 => bail!("{why}"),
            Some(why) => bail!("the daemon answers {}: {why}", status.as_u16()),
            None => bail!("the daemon answers {}", status.as_u16()),
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
