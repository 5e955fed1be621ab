//! One change of many issues.

use super::pace::Topic;
use super::{IssueUpdate, SentryApi, SentryError, part};
use reqwest::Method;

impl SentryApi<'_> {
    /// Gives many issues the same status. Sentry passes over those that it does not know, without
    /// a word, unless it knows none of them.
    pub async fn update_issues(
        &self,
        issue_ids: &[&str],
        update: &IssueUpdate,
    ) -> Result<(), SentryError> {
        let ids: Vec<String> = issue_ids
            .iter()
            .map(|id| format!("id={}", part(id)))
            .collect();
        let path = format!("{}?{}", self.place(&["issues"]), ids.join("&"));
        let body = serde_json::to_vec(update).unwrap_or_default();
        let answer = self
            .ask(Topic::Update, Method::PUT, &path, Some(body))
            .await?;
        // 204: nothing matched.
        if answer.status == 204 {
            return Err(SentryError::NotFound);
        }
        Ok(())
    }
}
