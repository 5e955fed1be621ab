//! Sample events.

use super::{Maker, NOW};
use crate::http::pages::views::event::{EventFrame, EventView};
use crate::http::pages::views::parts::Clock;
use epicenter_domain::signal::{
    Breadcrumb, EventDetail, EventRequest, EventUser, Exception, Frame,
};

impl Maker {
    pub(super) fn event(self) -> EventView {
        let frame = EventFrame {
            event_id: "9f4c1f4a6d3e4b0bb0f5c2d1e8a70b11".to_owned(),
            at: NOW.plus_ms(-95_000),
            environment: self.some("production"),
            release: self.some("shop-api@4.12.0"),
        };
        EventView::new(Clock(NOW), frame, &self.detail())
    }

    fn detail(self) -> EventDetail {
        EventDetail {
            exceptions: vec![self.cause(), self.raised()],
            tags: [
                ("browser", "Firefox 146"),
                ("environment", "production"),
                ("handled", "no"),
                ("region", "eu-central-1"),
                ("release", "shop-api@4.12.0"),
                ("runtime", "CPython 3.13.1"),
                ("transaction", "POST /api/checkout"),
            ]
            .map(|(key, value)| (self.t(key), self.t(value)))
            .to_vec(),
            user: Some(EventUser {
                id: self.t("48151623"),
                name: self.t("grace"),
            }),
            request: Some(EventRequest {
                url: if self.is_hostile {
                    "javascript:alert(1)//http://x".to_owned()
                } else {
                    "https://shop.example.com/api/checkout".to_owned()
                },
                method: self.t("POST"),
            }),
            breadcrumbs: self.breadcrumbs(),
            contexts: vec![
                (self.t("runtime"), self.t("CPython 3.13.1")),
                (self.t("os"), self.t("Linux 6.12")),
            ],
            platform: "python".to_owned(),
            sdk: self.t("sentry.python 2.44.0"),
            trace_id: self.some("4c79f60c11214eb38604f4ae0781bfb2"),
            web_url: Some("https://acme.sentry.io/issues/4711/events/9f4c/".to_owned()),
            ..EventDetail::default()
        }
    }

    fn raised(self) -> Exception {
        Exception {
            kind: self.t("CheckoutError"),
            value: self.t("could not reserve stock for order 80231: database unavailable"),
            module: self.t("shop.checkout.errors"),
            handled: Some(false),
            frames: vec![
                self.library("flask/app.py", "wsgi_app", 2213),
                self.library("flask/app.py", "full_dispatch_request", 1484),
                self.library("flask/app.py", "dispatch_request", 1469),
                self.app("shop/api/checkout.py", "post_checkout", 88),
                self.app("shop/checkout/reserve.py", "reserve", 41),
            ],
        }
    }

    fn cause(self) -> Exception {
        Exception {
            kind: self.t("OperationalError"),
            value: self.t("server closed the connection unexpectedly"),
            module: self.t("psycopg"),
            handled: None,
            frames: vec![
                self.app("shop/checkout/reserve.py", "reserve", 36),
                self.library("psycopg/connection.py", "execute", 902),
                self.library("psycopg/cursor.py", "execute", 117),
            ],
        }
    }

    fn library(self, file: &str, function: &str, line: i64) -> Frame {
        Frame {
            function: self.t(function),
            filename: self.t(file),
            abs_path: self.t(&format!("/usr/lib/python3/site-packages/{file}")),
            line: Some(line),
            ..Frame::default()
        }
    }

    fn app(self, file: &str, function: &str, line: i64) -> Frame {
        let source = |lines: &[&str]| lines.iter().map(|line| self.t(line)).collect();
        Frame {
            in_app: true,
            pre_context: source(&[
                "def reserve(order: Order, stock: Stock) -> Reservation:",
                "    with stock.transaction() as tx:",
                "        try:",
                "            return tx.reserve(order.lines, until=order.deadline)",
                "        except OperationalError as fault:",
            ]),
            context_line: self.t(
                "            raise CheckoutError(order.id, \"database unavailable\") from fault",
            ),
            post_context: source(&["", "", "def release(reservation: Reservation) -> None:"]),
            ..self.library(file, function, line)
        }
    }

    fn breadcrumbs(self) -> Vec<Breadcrumb> {
        let crumb = |seconds: i64, category: &str, level: &str, message: &str| Breadcrumb {
            at: Some(NOW.plus_ms(-95_000 - seconds * 1_000)),
            category: self.t(category),
            level: level.to_owned(),
            message: self.t(message),
        };
        vec![
            crumb(
                9,
                "http",
                "info",
                "GET https://stock.internal/v2/items?order=80231 200",
            ),
            crumb(
                6,
                "query",
                "info",
                "SELECT id, quantity FROM stock WHERE item = ANY($1)",
            ),
            crumb(2, "pool", "warning", "connection 14 idle for 301 s"),
            crumb(
                0,
                "query",
                "error",
                "SELECT reserve($1, $2): connection lost",
            ),
        ]
    }
}
