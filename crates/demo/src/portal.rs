//! A portal that answers on its own task until it is dropped.

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Why a portal could not begin.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("the demonstration portal cannot listen: {0}; choose another port")]
    Io(#[from] std::io::Error),
    /// The bundled records are wrong: a fault of this crate, which its tests find.
    #[error("the bundled records cannot be read: {0}")]
    Data(String),
}

/// A portal at work. Dropped, it stops.
#[derive(Debug)]
pub struct Portal {
    url: String,
    task: JoinHandle<()>,
}

impl Portal {
    pub(crate) fn serve(
        listener: TcpListener,
        path: &str,
        router: Router,
    ) -> Result<Self, DemoError> {
        let url = format!("http://{}{path}", listener.local_addr()?);
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!("a demonstration portal stopped: {error}");
            }
        });
        Ok(Self { url, task })
    }

    /// What goes into the `url` of a source's connector.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits for its end, which comes only by a failure.
    pub async fn stopped(mut self) {
        let _ = (&mut self.task).await;
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        self.task.abort();
    }
}
