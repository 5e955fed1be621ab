//! A real server in this process, and words to speak to it.

pub(crate) mod app;
pub(crate) mod client;
pub(crate) mod code_host;
pub(crate) mod crew;
pub(crate) mod engine;
pub(crate) mod git;
pub(crate) mod logs;
pub(crate) mod mail;
pub(crate) mod person;
pub(crate) mod receiver;
pub(crate) mod sentry;
pub(crate) mod sentry_issues;
pub(crate) mod slack;
pub(crate) mod text_model;
pub(crate) mod webhook;
pub(crate) mod wire;

pub(crate) use app::{ADMIN_TOKEN, SECRET, TestApp};
pub(crate) use client::{Answer, Api};
pub(crate) use engine::Engine;
pub(crate) use git::GitRepository;
pub(crate) use webhook::Webhook;

/// Makes a test per engine of each of these functions.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            use crate::support::{Engine, TestApp};

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let Some(mut app) = TestApp::start(Engine::Sqlite).await else { return };
                super::$name(&mut app).await;
                app.finish().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let Some(mut app) = TestApp::start(Engine::Postgres).await else { return };
                super::$name(&mut app).await;
                app.finish().await;
            }
        })+
    };
}
