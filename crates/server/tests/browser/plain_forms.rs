//! The pages without any script: links, forms, redirects. Nobody else's page can send the forms.

use crate::support::{EMAIL, PASSWORD, Stage, created, on_stage};
use reqwest::header::{ACCEPT, COOKIE, LOCATION, ORIGIN, REFERER, SET_COOKIE};

/// What a browser without script keeps: the cookie, and the form's hidden field.
struct Session {
    cookie: String,
    csrf: String,
}

async fn log_in(stage: &Stage) -> Session {
    let form = [("email", EMAIL), ("password", PASSWORD)];
    let answer = post(stage, "/login", "", &form, None).await;
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.headers()[LOCATION], "/incidents");
    let cookie = answer.headers()[SET_COOKIE].to_str().unwrap().to_owned();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let html = get(stage, "/incidents/1", &cookie).await;
    let (_, rest) = html.split_once("name=\"csrf\" value=\"").unwrap();
    let csrf = rest.split('"').next().unwrap().to_owned();
    assert!(csrf.len() >= 16, "{csrf}");
    Session { cookie, csrf }
}

async fn get(stage: &Stage, path: &str, cookie: &str) -> String {
    let request = stage
        .http
        .get(format!("{}{path}", stage.base))
        .header(COOKIE, cookie);
    request
        .header(ACCEPT, "text/html")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap()
}

async fn post(
    stage: &Stage,
    path: &str,
    cookie: &str,
    fields: &[(&str, &str)],
    origin: Option<&str>,
) -> reqwest::Response {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let origin = origin.unwrap_or(&stage.base);
    let request = stage.http.post(format!("{}{path}", stage.base));
    request
        .header(COOKIE, cookie)
        .header(ACCEPT, "text/html")
        .header(ORIGIN, origin)
        .header(REFERER, format!("{origin}/incidents/1"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
        .send()
        .await
        .unwrap()
}

async fn status(stage: &Stage) -> String {
    let incident = stage.page.answer("/api/v1/incidents/1").await;
    incident["status"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_script_a_form_acknowledges_and_leads_back() {
    on_stage(async |stage| {
        stage.sign_in().await;
        stage.deliver_incidents(vec![created(1, "Plain")]).await;
        let session = log_in(stage).await;
        let html = get(stage, "/incidents/1", &session.cookie).await;
        assert!(html.contains("action=\"/incidents/1/acknowledge\""));

        let fields = [("csrf", session.csrf.as_str())];
        let path = "/incidents/1/acknowledge";
        let answer = post(stage, path, &session.cookie, &fields, None).await;
        assert_eq!(answer.status(), 303);
        assert_eq!(answer.headers()[LOCATION], "/incidents/1");
        assert_eq!(status(stage).await, "acknowledged");
        // The next page says what was done, once.
        let html = get(stage, "/incidents/1", &session.cookie).await;
        assert!(html.contains("data-toast") && html.contains("name=\"undo\""));
        let html = get(stage, "/incidents/1", &session.cookie).await;
        assert!(!html.contains("data-toast"));

        let fields = [
            ("csrf", session.csrf.as_str()),
            ("verb", "resolve"),
            ("numbers", "1"),
            ("back", "/incidents"),
        ];
        let answer = post(stage, "/incidents/bulk", &session.cookie, &fields, None).await;
        assert_eq!(answer.status(), 303);
        assert_eq!(status(stage).await, "resolved");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_of_others_change_nothing() {
    on_stage(async |stage| {
        stage.sign_in().await;
        stage.deliver_incidents(vec![created(1, "Plain")]).await;
        let session = log_in(stage).await;
        let path = "/incidents/1/acknowledge";
        let before = status(stage).await;
        for fields in [&[][..], &[("csrf", "")], &[("csrf", "0123456789abcdef")]] {
            let answer = post(stage, path, &session.cookie, fields, None).await;
            assert_eq!(answer.status(), 403, "{fields:?}");
        }
        let own = [("csrf", session.csrf.as_str())];
        let evil = Some("https://evil.example");
        let answer = post(stage, path, &session.cookie, &own, evil).await;
        assert_eq!(answer.status(), 403, "a form from another origin");
        let person = [("email", EMAIL), ("password", PASSWORD)];
        let answer = post(stage, "/login", "", &person, evil).await;
        assert_eq!(answer.status(), 403, "a login from another origin");
        assert!(answer.headers().get(SET_COOKIE).is_none());
        // Without a session the way is to the login.
        let answer = post(stage, path, "", &own, None).await;
        assert_eq!(answer.status(), 303);
        assert!(
            answer.headers()[LOCATION]
                .to_str()
                .unwrap()
                .starts_with("/login")
        );
        assert_eq!(status(stage).await, before);
    })
    .await;
}
