//! What each channel takes, in one place. The numbers are the services' own; where a service tells
//! none, the smallest that was seen to fail less a margin.

use super::cut::Room;

/// Slack's header and attachment title; longer ones are refused as `invalid_blocks`, and
/// Alertmanager cuts at the same place.
pub const SLACK_TITLE: Room = Room::utf16(1_024);
/// Slack's `plain_text` header block takes 150; longer is `invalid_blocks`.
pub const SLACK_HEADER: Room = Room::utf16(150);
/// One section of a Slack card takes 3,000 characters.
pub const SLACK_SECTION: Room = Room::utf16(3_000);
/// One field of a section takes 2,000; a card is a glance, so a tenth of it.
pub const SLACK_FIELD: Room = Room::utf16(200);
/// Fields of one section of a Slack card: Slack's own limit.
pub const SLACK_FIELDS: usize = 10;
/// The text beside the blocks, which phones show; Slack cuts the whole message at 40,000, and at
/// some 13,000 in all it answers `msg_blocks_too_long`.
pub const SLACK_TEXT: Room = Room::utf16(2_000);
/// A button's `value`: Slack takes 2,000, our ids have 17 characters.
pub const SLACK_VALUE_CHARS: usize = 64;

/// Title of a Discord embed.
pub const DISCORD_TITLE: Room = Room::utf16(256);
/// Description of a Discord embed takes 4,096; all of an embed together only 6,000.
pub const DISCORD_DESCRIPTION: Room = Room::utf16(3_000);
/// Value of a Discord field takes 1,024; ten of them must fit beside the description.
pub const DISCORD_FIELD: Room = Room::utf16(200);
/// Fields of a Discord embed; it takes 25, which no one reads.
pub const DISCORD_FIELDS: usize = 10;

/// A Telegram message, counted by Telegram after its markup is read.
pub const TELEGRAM_TEXT: Room = Room::utf16(4_096);
/// One line of facts in a Telegram message, so that they cannot push out the reason.
pub const TELEGRAM_FIELD: Room = Room::utf16(200);
/// The title in a Telegram message: a quarter of it.
pub const TELEGRAM_TITLE: Room = Room::utf16(1_024);

/// A Mattermost post: its database column holds 16,383.
pub const MATTERMOST_TEXT: Room = Room::chars(16_383);
/// The title in a Mattermost post, shown as one line.
pub const MATTERMOST_TITLE: Room = Room::chars(1_024);
/// One fact in a Mattermost post.
pub const MATTERMOST_FIELD: Room = Room::chars(200);

/// Summary of a PagerDuty event.
pub const PAGERDUTY_SUMMARY: Room = Room::chars(1_024);
/// One detail of a PagerDuty event: thirty of them stay far below the limit of the whole.
pub const PAGERDUTY_DETAIL: Room = Room::chars(1_024);
/// A whole PagerDuty event: its own limit, which a test holds the sum of all parts to.
pub const PAGERDUTY_BYTES: usize = 512_000;

/// A Teams message is refused above 28 KiB; its title is one line of it.
pub const TEAMS_TITLE: Room = Room::bytes(2_048);
/// The text of a Teams card.
pub const TEAMS_TEXT: Room = Room::bytes(8_192);
/// One fact of a Teams card.
pub const TEAMS_FIELD: Room = Room::bytes(512);
/// The whole Teams message: 28 KiB less what the Workflow adds around it.
pub const TEAMS_BYTES: usize = 24 << 10;

/// An ntfy message; above 4 KiB ntfy makes an attachment of it.
pub const NTFY_TEXT: Room = Room::bytes(4_000);
/// The title of an ntfy notification; phones show two lines.
pub const NTFY_TITLE: Room = Room::bytes(250);

/// A subject: mail programs show some 70 characters, and lists of them stay readable.
pub const EMAIL_SUBJECT: Room = Room::chars(200);
/// A whole e-mail, each of its two forms; nobody scrolls further.
pub const EMAIL_TEXT: Room = Room::bytes(32 << 10);
/// The sentences under the title of an e-mail.
pub const EMAIL_SUMMARY: Room = Room::chars(4_096);
/// One line of an e-mail.
pub const EMAIL_LINE: Room = Room::chars(512);
/// Recipients of one destination: more is a mailing list, which is one address.
pub const EMAIL_RECIPIENTS: usize = 50;

/// The `title` in our own webhook: Standard Webhooks advises bodies below 20 kB.
pub const WEBHOOK_TITLE: Room = Room::chars(1_024);
/// Other texts in our own webhook.
pub const WEBHOOK_TEXT: Room = Room::chars(1_024);
/// A name or a line in our own webhook.
pub const WEBHOOK_FIELD: Room = Room::chars(256);
/// Active signing secrets of one webhook: one to leave, one to come, and one by mistake.
pub const WEBHOOK_SECRETS: usize = 3;

/// Lines of a digest that one message lists; the page has the rest.
pub const DIGEST_LINES: usize = 10;
/// Characters of a destination's URL, as browsers take them; those of Workflows have some 400.
pub const URL_CHARS: usize = 2_048;
