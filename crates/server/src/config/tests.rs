use super::*;

#[test]
fn the_example_file_is_the_default() {
    let example: Config = toml::from_str(EXAMPLE).unwrap();
    assert_eq!(example, Config::default());
    let keys = |text: &str| text.parse::<toml::Table>().unwrap();
    let written = toml::to_string(&Config::default()).unwrap();
    assert_eq!(
        keys(EXAMPLE),
        keys(&written),
        "every setting stands in the example"
    );
}

#[test]
fn unknown_settings_are_errors_that_name_them() {
    for (name, value) in [
        ("EPICENTER_LISTN", "127.0.0.1:1"),
        ("EPICENTER_RETENTION__DAYS", "3"),
    ] {
        let environment = Environment::of([(name, value)]);
        let error = Config::load(None, &environment).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
        assert!(error.contains("unknown field"), "{error}");
    }
}

#[test]
fn variables_override_the_file() {
    let environment = Environment::of([
        ("EPICENTER_LISTEN", "0.0.0.0:8080"),
        ("EPICENTER_RETENTION__DELIVERIES_DAYS", "7"),
        ("EPICENTER_PUBLIC_URL", "https://epicenter.example.com/"),
        ("EPICENTER_PRIVACY__ALLOW", "[\"user_ip\"]"),
        ("EPICENTER_ADMIN_TOKEN", "not a setting"),
    ]);
    let config = Config::load(None, &environment).unwrap();
    assert_eq!(config.listen.port(), 8080);
    assert_eq!(config.retention.deliveries_days, 7);
    assert_eq!(config.base_url(), "https://epicenter.example.com");
}

#[test]
fn wrong_values_say_what_to_do() {
    for (name, value, expected) in [
        (
            "EPICENTER_PUBLIC_URL",
            "javascript:alert(1)",
            "must begin with http",
        ),
        ("EPICENTER_NODE", "4000", "between 0 and 1023"),
        ("EPICENTER_METRICS_LISTEN", "here", "is not ADDRESS:PORT"),
        ("EPICENTER_RETENTION__DELIVERIES_DAYS", "0", "at least 1"),
        ("EPICENTER_PRIVACY__ALLOW", "[\"nonsense\"]", "nonsense"),
        (
            "EPICENTER_OUTBOUND__ALLOWED_NETWORKS",
            "[\"intranet\"]",
            "allowed_networks: \"intranet\"",
        ),
    ] {
        let error = Config::load(None, &Environment::of([(name, value)]))
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{error}");
    }
}
