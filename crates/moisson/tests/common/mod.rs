//! What the tests of the program have in common: an instance in a temporary directory, and the program itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub struct Instance {
    directory: tempfile::TempDir,
}

impl Instance {
    /// An instance without sources that may fetch from loopback.
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(directory.path().join("config/sources")).unwrap();
        let instance = Self { directory };
        instance.configure(
            "moisson.toml",
            "base = \"https://donnees.example.org/\"\n[server]\nlisten = \"127.0.0.1:0\"\n[fetch]\nallow_private = [\"127.0.0.1\"]\ndelay = \"0s\"\n[schedule]\njitter = \"0s\"\n",
        );
        instance
    }

    pub fn configure(&self, file: &str, text: &str) {
        std::fs::write(self.directory.path().join("config").join(file), text).unwrap();
    }

    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_moisson"));
        command
            .arg("--config")
            .arg(self.directory.path().join("config"))
            .arg("--data")
            .arg(self.data())
            .args(arguments)
            .env_remove("MOISSON_LOG");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs it, and gives what it printed; the exit code has to be this one.
    pub fn expect(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        );
        assert_eq!(
            output.status.code(),
            Some(code),
            "moisson {arguments:?}\n{out}\n{err}"
        );
        if code == 2 {
            format!("{out}{err}")
        } else {
            out
        }
    }

    #[allow(dead_code)]
    pub fn json(&self, code: i32, arguments: &[&str]) -> serde_json::Value {
        let text = self.expect(code, arguments);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

/// A port of loopback that was free a moment ago.
#[allow(dead_code)]
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

#[allow(dead_code)]
pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}
