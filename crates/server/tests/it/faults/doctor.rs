//! `epicenter doctor` as a program: broken set-ups, a stopped server, a running one.

use super::process::Process;
use crate::support::engine::{Engine, OwnDatabase};
use crate::support::{ADMIN_TOKEN, SECRET};
use std::process::Command;

/// Exit code and what it printed, with these variables.
fn doctor(variables: &[(&str, &str)]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_epicenter"))
        .arg("doctor")
        .env_clear()
        // Nobody listens there.
        .env("EPICENTER_LISTEN", "127.0.0.1:1")
        .envs(variables.iter().copied())
        .current_dir(std::env::temp_dir())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(said).unwrap(),
    )
}

fn expect((code, said): &(i32, String), wanted: i32, words: &[&str]) {
    assert_eq!(*code, wanted, "{said}");
    for word in words {
        assert!(said.contains(word), "no “{word}” in {said}");
    }
}

#[test]
fn broken_set_ups_are_told_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| format!("sqlite://{}", folder.path().join(name).display());
    let wrong = doctor(&[("EPICENTER_PUBLIC_URL", "epicenter.example")]);
    expect(
        &wrong,
        2,
        &["[broken]", "public_url: must begin with", "check-config"],
    );
    let nowhere = doctor(&[("EPICENTER_DATABASE_URL", &at("no/such/folder.db"))]);
    expect(
        &nowhere,
        2,
        &["none can be made there", "change `database_url`"],
    );
    let none = doctor(&[("EPICENTER_DATABASE_URL", &at("new.db"))]);
    expect(
        &none,
        1,
        &[
            "The server does not run at http://127.0.0.1:1",
            "Start the server once",
        ],
    );
    assert!(!folder.path().join("new.db").exists(), "it changes nothing");
    std::fs::write(folder.path().join("empty.db"), b"").unwrap();
    let behind = doctor(&[("EPICENTER_DATABASE_URL", &at("empty.db"))]);
    expect(
        &behind,
        2,
        &["steps behind this version", "epicenter migrate"],
    );
    std::fs::write(folder.path().join("bad.db"), vec![b'x'; 8_192]).unwrap();
    let damaged = doctor(&[("EPICENTER_DATABASE_URL", &at("bad.db"))]);
    expect(&damaged, 2, &["cannot be opened"]);
    let away = doctor(&[(
        "EPICENTER_DATABASE_URL",
        "postgres://nobody@127.0.0.1:1/none",
    )]);
    expect(
        &away,
        2,
        &["postgres://nobody@127.0.0.1:1/none cannot be opened"],
    );
    let mail = doctor(&[
        ("EPICENTER_DATABASE_URL", &at("new.db")),
        (
            "EPICENTER_OUTBOUND__MAIL",
            "mailto://127.0.0.1:1?from=a@example.com",
        ),
    ]);
    expect(&mail, 2, &["The mail server 127.0.0.1:1 cannot be reached"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_asks_the_database_of_a_stopped_and_of_a_running_server() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(database) = OwnDatabase::new(engine).await else {
            continue;
        };
        let url = database.url();
        let process = Process::start(url);
        let address = process.api.base().trim_start_matches("http://").to_owned();
        let running = doctor(&[
            ("EPICENTER_LISTEN", &address),
            ("EPICENTER_PUBLIC_URL", &format!("http://{address}")),
            ("EPICENTER_DATABASE_URL", url),
            ("SENTRY_WEBHOOK_SECRET", SECRET),
        ]);
        expect(
            &running,
            1,
            &[
                &format!("[ok] The server runs at http://{address}."),
                &format!("[ok] http://{address} leads to this server."),
                "Webhooks of Sentry can be proven",
                "Nobody has an account",
                "There is no destination",
            ],
        );
        process.kill();
        let stopped = doctor(&[("EPICENTER_DATABASE_URL", url)]);
        expect(
            &stopped,
            2,
            &[
                "The server does not run",
                "can store.",
                "[broken] No integration of Sentry has a secret",
                "Set SENTRY_WEBHOOK_SECRET",
                "Every delivery has its verdict.",
            ],
        );
        assert!(!stopped.1.contains(ADMIN_TOKEN) && !running.1.contains(SECRET));
    }
}
