//! Getting in for the first time, and every day after.

use crate::support::{EMAIL, PASSWORD, on_stage};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_run_link_makes_an_account_once_and_the_login_works_from_then_on() {
    on_stage(async |stage| {
        let page = &stage.page;
        let link = stage.first_run_path().await.unwrap();

        // Two passwords that differ are told, and nothing is made.
        page.open(&link).await;
        page.fill("input[name=name]", "Ada Lovelace").await;
        page.fill("input[name=email]", EMAIL).await;
        page.fill("input[name=password]", PASSWORD).await;
        page.fill("input[name=password_again]", "something else")
            .await;
        page.click("form button").await;
        page.until_text("[role=alert]", "differ").await;
        assert_eq!(page.text_of("document.forms[0].email.value").await, EMAIL);

        page.fill("input[name=password]", PASSWORD).await;
        page.fill("input[name=password_again]", PASSWORD).await;
        page.click("form button").await;
        page.until_path("/integrations").await;
        page.until_text("#user-menu", "Ada Lovelace").await;

        // The link is void, and there is no new one.
        page.open(&link).await;
        assert_eq!(page.count("input[name=password]").await, 0);
        assert!(stage.first_run_path().await.is_none());

        page.open("/incidents").await;
        page.click("#user-menu summary").await;
        page.click("form[action='/logout'] button").await;
        page.until_path("/login").await;

        // Whoever is out is sent to the login, and back to where they wanted to go.
        page.open("/error-log?status=all").await;
        page.until_path("/login").await;
        page.fill("input[name=email]", EMAIL).await;
        page.fill("input[name=password]", "not the password").await;
        page.click("form button").await;
        page.until_text("[role=alert]", "E-mail address or password is wrong.")
            .await;

        page.fill("input[name=password]", PASSWORD).await;
        page.click("form button").await;
        page.until_path("/error-log").await;
        assert_eq!(page.path().await, "/error-log?status=all");
    })
    .await;
}
