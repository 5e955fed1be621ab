//! "Why?" on an incident's page.

use super::views::parts::Clock;
use super::views::{WhyPanel, WhyRow};
use super::visitor::{Failure, Visitor};
use crate::operations::notice_settings::{Account, accounts};
use epicenter_domain::id::IdKind;
use epicenter_domain::incident::Incident;
use epicenter_store::Tx;

/// Notices named beside each destination; the log has the others.
const SHOWN_NOTICES: usize = 3;

fn row(account: Account) -> WhyRow {
    let sent = account.sent.into_iter().take(SHOWN_NOTICES);
    WhyRow {
        id: IdKind::Destination.show(account.destination.id),
        name: account.destination.name,
        verdict: account.answer.verdict,
        reason: account.answer.reason,
        until: account.answer.until,
        told_at: account.told_at,
        sent: sent
            .map(|record| (IdKind::Notification.show(record.id), record.state))
            .collect(),
    }
}

/// Who was told of an incident, who not, and for what reason.
pub(super) async fn panel(
    tx: &mut Tx,
    visitor: &Visitor,
    clock: Clock,
    incident: &Incident,
) -> Result<WhyPanel, Failure> {
    let all = accounts(tx, incident).await?;
    Ok(WhyPanel {
        clock,
        csrf: visitor.session.csrf.clone(),
        number: incident.number,
        is_open: incident.is_open() && visitor.caller.must_respond().is_ok(),
        rows: all.into_iter().map(row).collect(),
    })
}
