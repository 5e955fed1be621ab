//! Power that is lost, a disk that fails, a file that is damaged (FIELD §3.3 cases 21, 23, 24).

use super::ledger::Ledger;
use super::process::{Process, refuses_to_start};
use crate::support::engine::OwnDatabase;
use crate::support::{Engine, Webhook};
use epicenter_domain::time::Time;
use futures_util::future::join_all;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Makes `fsync` and `fdatasync` fail as soon as the file named by `BROKEN_DISK` is there.
const SHIM: &str = r#"
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
static int is_broken(void) {
    const char *flag = getenv("BROKEN_DISK");
    return flag && access(flag, F_OK) == 0;
}
int fsync(int fd) {
    if (is_broken()) { errno = EIO; return -1; }
    return (int)syscall(SYS_fsync, fd);
}
int fdatasync(int fd) {
    if (is_broken()) { errno = EIO; return -1; }
    return (int)syscall(SYS_fdatasync, fd);
}
"#;

async fn a_file() -> (OwnDatabase, PathBuf) {
    let database = OwnDatabase::new(Engine::Sqlite).await.unwrap();
    let folder = database.folder().unwrap().to_owned();
    (database, folder)
}

fn database_file(url: &str) -> PathBuf {
    let path = url.strip_prefix("sqlite://").unwrap();
    PathBuf::from(path.split('?').next().unwrap())
}

/// What a machine without power leaves behind: the files as they are at one instant. The log's
/// index is in memory only.
fn copy_files(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if path.is_file() && !name.to_str().unwrap().ends_with("-shm") {
            std::fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

// FIELD §3.3 case 21
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_21_after_power_loss_every_answered_delivery_is_there() {
    for round in 0..5 {
        let (database, folder) = a_file().await;
        let (_copy, copy_folder) = a_file().await;
        let ledger = Ledger::default();
        let process = Process::start(database.url());
        let api = process.api.clone();
        let lose_power = async {
            // Four send at the same time: the fifth says that one was answered.
            while ledger.len() < 5 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            tokio::time::sleep(Duration::from_millis(60 * round)).await;
            process.freeze();
            copy_files(&folder, &copy_folder);
            process.kill();
        };
        let senders = (0..4).map(|_| ledger.load(&api, Duration::from_secs(30)));
        let ((), counts) = tokio::join!(lose_power, join_all(senders));
        let answered = counts.into_iter().sum::<usize>();
        assert!(answered > 0, "round {round}");
        let name = database_file(database.url());
        let copied = copy_folder.join(name.file_name().unwrap());
        let after = Process::start(&format!("sqlite://{}", copied.display()));
        let present = ledger.check(&after.api).await;
        assert!(
            answered <= present,
            "{answered} answered, {present} present"
        );
        assert!(after.terminate().success());
    }
}

// FIELD §3.3 case 23
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_23_a_failing_fsync_ends_the_process() {
    let (database, folder) = a_file().await;
    let flag = folder.join("broken");
    let library = folder.join("broken_disk.so");
    std::fs::write(folder.join("broken_disk.c"), SHIM).unwrap();
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(folder.join("broken_disk.c"))
        .status()
        .unwrap();
    assert!(built.success());
    let environment = [
        ("LD_PRELOAD", library.to_str().unwrap()),
        ("BROKEN_DISK", flag.to_str().unwrap()),
    ];
    let process = Process::start_with(database.url(), &environment);
    let api = process.api.with_token(None);
    let now = Time(1_772_445_605_000);
    let fine = Webhook::event_alert(1)
        .send(&api, now)
        .await
        .expect(202)
        .json();
    std::fs::write(&flag, "").unwrap();
    // Refused, or cut off by the end; never taken.
    if let Ok(answer) = Webhook::event_alert(2).try_send(&api, now).await {
        assert_eq!(answer.status(), 503);
    }
    let ended = tokio::task::spawn_blocking(|| process.ends());
    let ended = tokio::time::timeout(Duration::from_secs(20), ended).await;
    let status = ended.expect("it goes on with a broken disk").unwrap();
    assert_eq!(status.code(), Some(1));

    std::fs::remove_file(&flag).unwrap();
    let process = Process::start(database.url());
    let id = fine["delivery_id"].as_str().unwrap();
    let kept = process.api.one(&format!("/api/v1/deliveries/{id}")).await;
    assert_eq!(kept["id"], id);
    assert!(process.terminate().success());
}

// FIELD §3.3 case 24
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_24_a_damaged_file_is_told_at_the_start() {
    let (database, _folder) = a_file().await;
    let process = Process::start(database.url());
    let api = process.api.with_token(None);
    for number in 0..30 {
        let webhook = Webhook::event_alert(number);
        webhook
            .send(&api, Time(1_772_445_605_000))
            .await
            .expect(202);
    }
    assert!(process.terminate().success());
    let path = database_file(database.url());
    let whole = std::fs::read(&path).unwrap();
    let cut_off = whole[..whole.len() / 2].to_vec();
    let mut flipped = whole.clone();
    for page in (8_192..flipped.len()).step_by(8_192) {
        flipped[page] ^= 0x40;
    }
    for (name, damaged) in [("cut off", cut_off), ("flipped", flipped)] {
        std::fs::write(&path, &damaged).unwrap();
        let (status, said) = refuses_to_start(database.url());
        assert_eq!(status.code(), Some(1), "{name}: {said}");
        assert!(said.contains("is damaged"), "{name}: {said}");
        assert!(said.contains("cp BACKUP"), "{name}: {said}");
        assert_eq!(std::fs::read(&path).unwrap(), damaged, "{name}: left alone");
    }
    std::fs::write(&path, &whole).unwrap();
    let process = Process::start(database.url());
    assert_eq!(process.api.all("/api/v1/deliveries").await.len(), 30);
    assert!(process.terminate().success());
}
