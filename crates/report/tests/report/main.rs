//! Reports of a small source, from its archive to what its owner gets.

mod fixture;
mod forms;
mod hostile;
mod post;
mod state;

use bytes::Bytes;
use futures::TryStreamExt;
use report::Parts;

/// A report that is written in parts, as a whole.
async fn whole(parts: Parts) -> String {
    let parts: Vec<Bytes> = parts.try_collect().await.expect("parts");
    String::from_utf8(parts.concat()).expect("UTF-8")
}
