//! One chromedriver per test, and the Chromium that it starts.

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const ARGUMENTS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
];

#[expect(
    clippy::disallowed_methods,
    reason = "where the browser is installed is told to the tests alone, not to the server"
)]
fn program(variable: &str, usual: &str) -> PathBuf {
    let path = PathBuf::from(std::env::var(variable).unwrap_or_else(|_| usual.to_owned()));
    assert!(
        path.is_file(),
        "{} is missing: the tests of the pages need Chromium and its driver. Install them \
         (Debian: chromium, chromium-driver) or say with {variable} where they are.",
        path.display()
    );
    path
}

/// A running chromedriver; it ends when this is dropped.
pub(super) struct Driver {
    child: Child,
    port: u16,
    chromium: PathBuf,
    profile: PathBuf,
}

impl Driver {
    /// Starts one on a free port.
    pub(super) fn start(directory: &Path) -> Self {
        let chromedriver = program("EPICENTER_TEST_CHROMEDRIVER", "/usr/bin/chromedriver");
        let chromium = program("EPICENTER_TEST_CHROMIUM", "/usr/bin/chromium");
        let mut child = Command::new(chromedriver)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // "ChromeDriver was started successfully on port 36437."
        let port = lines.map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        let profile = directory.join("profile");
        let port = port.expect("chromedriver ended before it named its port");
        Self {
            child,
            port,
            chromium,
            profile,
        }
    }

    /// Where the driver listens.
    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Starts Chromium with an empty profile.
    pub(super) async fn browser(&self) -> Client {
        let mut arguments: Vec<String> = ARGUMENTS.map(str::to_owned).to_vec();
        arguments.push(format!("--user-data-dir={}", self.profile.display()));
        let capabilities = [
            ("browserName".to_owned(), json!("chrome")),
            (
                "goog:chromeOptions".to_owned(),
                json!({"binary": self.chromium, "args": arguments}),
            ),
            ("goog:loggingPrefs".to_owned(), json!({"browser": "ALL"})),
        ];
        ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.into_iter().collect())
            .connect(&self.address())
            .await
            .expect("chromedriver could not start Chromium")
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
