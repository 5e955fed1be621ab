//! Who may do what: every route of the OpenAPI document, as every kind of caller.

use crate::support::{Api, TestApp, Webhook};
use reqwest::Method;
use serde_json::{Map, Value, json};

on_both_engines!(every_route_asks_who_calls);

/// What only admins change, and everybody sees.
const ADMIN_WRITES: [&str; 14] = [
    "detection",
    "inhibitions",
    "sentry-connections",
    "grouping",
    "routes",
    "code-hosts",
    "cut-pushes",
    "services",
    "repositories",
    "code-mappings",
    "destinations",
    "teams",
    "schedules",
    "escalations",
];
/// What is made from more than texts.
const RICH: [&str; 12] = [
    "detection",
    "inhibitions",
    "sentry-connections",
    "routes",
    "code-hosts",
    "destinations",
    "silences",
    "maintenance",
    "teams",
    "schedules",
    "escalations",
    "users",
];

/// One route of the document.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: String,
    body: Option<Value>,
}

/// All routes, with a body that is well-formed.
pub(crate) fn routes() -> Vec<Route> {
    let document = serde_json::to_value(epicenter::http::api::openapi()).unwrap();
    let mut routes = Vec::new();
    for (path, verbs) in document["paths"].as_object().unwrap() {
        for (verb, operation) in verbs.as_object().unwrap() {
            let Ok(method) = verb.to_uppercase().parse::<Method>() else {
                continue;
            };
            // Calendar programs send no token of ours: the key in the address is the proof.
            if path.ends_with("/calendar.ics") {
                continue;
            }
            let schema = operation.pointer("/requestBody/content/application~1json/schema/$ref");
            let body = schema.map(|schema| example(&document, schema.as_str().unwrap()));
            routes.push(Route {
                method,
                path: path.clone(),
                body,
            });
        }
    }
    assert!(routes.len() > 35, "{}", routes.len());
    routes
}

fn example(document: &Value, reference: &str) -> Value {
    let schema = document.pointer(reference.trim_start_matches('#')).unwrap();
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let value = |name: &str| match name {
        "kind" => "sentry",
        "name" => "acme/shop",
        "sha" => "9fceb02d0ae5",
        "until" => "2030-01-01T00:00:00Z",
        "status" => "resolved",
        "role" => "viewer",
        "verdict" => "guilty",
        "email" => "mira@harbor.example",
        _ => "a text that is long enough",
    };
    // One of version and sha is needed, which a schema cannot say.
    let either = schema.pointer("/properties/sha").map(|_| "sha");
    let pairs = required.iter().map(|name| name.as_str().unwrap());
    let pairs = pairs.chain(either);
    Value::Object(
        pairs
            .map(|name| (name.to_owned(), json!(value(name))))
            .collect::<Map<_, _>>(),
    )
}

impl Route {
    /// The path with ids that nothing has.
    fn path_to_nothing(&self) -> String {
        let kind = self.path.split('/').nth(3).unwrap();
        let prefix = match kind {
            "incidents" => "inc",
            "issues" => "iss",
            "deliveries" => "dlv",
            "integrations" => "int",
            "services" => "svc",
            "tokens" => "tok",
            "users" => "usr",
            "deploys" => "dep",
            "releases" | "routes" => "",
            "repositories" => "rep",
            "code-mappings" => "map",
            "code-hosts" => "hst",
            "destinations" => "dst",
            "silences" => "sil",
            "maintenance" => "mnt",
            "notifications" => "ntf",
            "observations" => "obs",
            "escalations" => "esc",
            "schedules" => "sch",
            "teams" => "tem",
            "sentry-connections" => "snc",
            "sync-runs" => "syn",
            other => panic!("ids of {other}?"),
        };
        let number = "0000000000007";
        self.path
            .replace("{id}", &format!("{prefix}_{number}"))
            .replace("{secret}", &format!("sec_{number}"))
            .replace("{version}", "no-such-version")
            .replace("{rank}", "7")
            .replace("{number}", "7")
            .replace("{override}", &format!("ovr_{number}"))
            .replace("{contact}", &format!("con_{number}"))
    }

    fn has_id(&self) -> bool {
        self.path.contains('{')
    }

    /// Only admins see and change these.
    fn is_for_admins(&self) -> bool {
        let resource = self.path.split('/').nth(3).unwrap();
        ["integrations", "tokens", "users"].contains(&resource)
            || (ADMIN_WRITES.contains(&resource)
                && self.method != Method::GET
                && !self.path.contains("/overrides")
                && !["/routes/test", "/routes/preview"]
                    .iter()
                    .any(|look| self.path.ends_with(look)))
    }

    /// Does it take lists or choices, which the example cannot fill?
    fn needs_a_richer_body(&self) -> bool {
        let resource = self.path.split('/').nth(3).unwrap();
        self.body.is_some() && RICH.contains(&resource)
    }

    async fn ask(&self, api: &Api) -> (u16, Value) {
        let path = if self.has_id() {
            self.path_to_nothing()
        } else {
            self.path.clone()
        };
        let mut request = api.request(self.method.clone(), &path);
        if let Some(body) = &self.body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        if self.path.ends_with("/stream") && status == 200 {
            return (status, Value::Null);
        }
        (
            status,
            serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default(),
        )
    }
}

// FIELD §3.3 case 54
async fn every_route_asks_who_calls(app: &TestApp) {
    app.apply(Webhook::event_alert(42)).await;
    let viewer = app.make_token("viewer").await;
    let responder = app.make_token("responder").await;
    let deployer = app.make_token("deployer").await;
    for (role, token) in [
        ("nobody", None),
        ("stranger", Some("ept_stranger")),
        ("viewer", Some(viewer.as_str())),
        ("responder", Some(responder.as_str())),
        ("deployer", Some(deployer.as_str())),
        ("admin", Some(crate::support::ADMIN_TOKEN)),
    ] {
        let api = app.api.with_token(token);
        for route in routes() {
            let name = format!("{role}: {} {}", route.method, route.path);
            let is_write = route.method != Method::GET;
            let expected: &[u16] = match role {
                "nobody" | "stranger" => &[401],
                "viewer" if is_write || route.is_for_admins() => &[403],
                "deployer" if !(is_write && route.path == "/api/v1/deploys") => &[403],
                "responder" if route.is_for_admins() => &[403],
                _ if route.needs_a_richer_body() => &[200, 201, 400, 404],
                // The example names a repository that nobody knows.
                _ if route.has_id() || (is_write && route.path.ends_with("code-mappings")) => {
                    &[404]
                }
                _ => &[200, 201, 204],
            };
            let (status, answer) = route.ask(&api).await;
            assert!(expected.contains(&status), "{name}: {status} {answer}");
            if status >= 400 {
                assert_eq!(answer["status"], status, "{name}: {answer}");
                assert!(answer["code"].is_string(), "{name}: {answer}");
            }
        }
    }
}
