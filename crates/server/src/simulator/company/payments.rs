//! The service that takes the money.

use crate::simulator::company::{Cause, Fault, Language, MONEY_TEAM, Project, spot};

/// The project.
pub static PAYMENTS: Project = Project {
    id: 4_507_200_100_002,
    slug: "payments-api",
    name: "Payments API",
    prefix: "PAYMENTS-API",
    platform: "python-django",
    language: Language::Python,
    sdk: "sentry.python.django",
    sdk_version: "2.41.0",
    repository: "harbor-goods/payments",
    team: &MONEY_TEAM,
    releases: &[
        "payments-api@2026.9.3",
        "payments-api@2026.10.0",
        "payments-api@2026.10.1",
    ],
    servers: &["pay-1", "pay-2", "pay-3"],
};

/// What goes wrong in it.
pub static FAULTS: &[Fault] = &[
    Fault::error(
        &PAYMENTS,
        "ChargeRefused",
        "the bank refused charge ch_81f0 of 129.90 EUR: insufficient_funds",
        "/v1/charges",
        &[
            spot(
                "payments/views/charges.py",
                "create_charge",
                88,
                "def create_charge(request):\n    order = orders.locked(request.data[\"order\"])\n>    receipt = ledger.charge(order, request.data[\"card\"])\n    return Created(receipt)",
            ),
            spot(
                "payments/ledger/charge.py",
                "charge",
                41,
                "    answer = bank.authorise(card, order.total)\n    if answer.refused:\n>        raise ChargeRefused(answer.sentence())\n    return book(order, answer)",
            ),
        ],
    )
    .because(Cause {
        kind: "BankAnswer",
        value: "status=refused code=51",
        spots: &[spot(
            "payments/bank/wire.py",
            "read_answer",
            132,
            "    fields = split(frame)\n    if fields.status != OK:\n>        raise BankAnswer(fields.status, fields.code)\n    return fields",
        )],
    })
    .reaching(38),
    Fault::error(
        &PAYMENTS,
        "OperationalError",
        "connection to server at \"db-ledger\" (10.4.0.12), port 5432 failed: timeout expired",
        "/v1/charges",
        &[spot(
            "payments/ledger/store.py",
            "locked",
            27,
            "def locked(order_id):\n    with transaction.atomic():\n>        return Order.objects.select_for_update().get(pk=order_id)",
        )],
    )
    .level("fatal")
    .because(Cause {
        kind: "TimeoutError",
        value: "[Errno 110] Connection timed out",
        spots: &[spot(
            "payments/ledger/pool.py",
            "connect",
            58,
            "    def connect(self):\n        self.tries += 1\n>        return self.dial(self.host, timeout=self.patience)",
        )],
    })
    .reaching(402),
    Fault::error(
        &PAYMENTS,
        "KeyError",
        "'currency'",
        "/v1/refunds",
        &[spot(
            "payments/views/refunds.py",
            "create_refund",
            52,
            "def create_refund(request):\n    body = request.data\n>    money = Money(body[\"amount\"], body[\"currency\"])\n    return Created(ledger.refund(body[\"charge\"], money))",
        )],
    )
    .reaching(6),
    Fault::error(
        &PAYMENTS,
        "ValueError",
        "amount must be positive, got -0.01",
        "/v1/refunds",
        &[spot(
            "payments/money.py",
            "__post_init__",
            19,
            "    def __post_init__(self):\n        if self.cents <= 0:\n>            raise ValueError(f\"amount must be positive, got {self}\")",
        )],
    )
    .reaching(5),
    Fault::error(
        &PAYMENTS,
        "LedgerOutOfBalance",
        "day 2026-10-11 is off by 3.20 EUR after 18204 bookings",
        "tasks.close_day",
        &[spot(
            "payments/ledger/closing.py",
            "close_day",
            73,
            "    debit, credit = sums(day)\n    if debit != credit:\n>        raise LedgerOutOfBalance(day, debit - credit, count)\n    seal(day)",
        )],
    )
    .level("fatal")
    .reaching(0),
    Fault::error(
        &PAYMENTS,
        "IntegrityError",
        "duplicate key value violates unique constraint \"charge_idempotency_key\"",
        "/v1/charges",
        &[spot(
            "payments/ledger/booking.py",
            "book",
            36,
            "def book(order, answer):\n    row = Booking(order=order, key=answer.key)\n>    row.save(force_insert=True)\n    return row",
        )],
    )
    .caught()
    .level("warning")
    .reaching(14),
    Fault::error(
        &PAYMENTS,
        "SignatureMismatch",
        "the bank's callback for ch_77aa carries a signature of another key",
        "/callbacks/bank",
        &[spot(
            "payments/views/callbacks.py",
            "bank_callback",
            30,
            "    expected = sign(request.body, settings.BANK_KEY)\n    if not equal(expected, request.headers[\"X-Bank-Proof\"]):\n>        raise SignatureMismatch(request.data[\"charge\"])",
        )],
    )
    .reaching(0),
    Fault::error(
        &PAYMENTS,
        "RecursionError",
        "maximum recursion depth exceeded while calling a Python object",
        "/v1/invoices/:id",
        &[spot(
            "payments/invoices/render.py",
            "lines_of",
            64,
            "def lines_of(item):\n    yield Line(item.name, item.price)\n    for part in item.parts:\n>        yield from lines_of(part)",
        )],
    )
    .reaching(1),
    Fault::message(
        &PAYMENTS,
        "Certificate of bank.example expires in 6 days",
        "tasks.watch_certificates",
    ),
    Fault::error(
        &PAYMENTS,
        "VatRuleMissing",
        "no VAT rule matches the goods in this basket; considered: books 7 %, food 7 %, newspapers 7 %, hotel stays 7 %, flowers 7 %, livestock 7 %, prostheses 7 %, stamps 7 %, tea 7 %, coffee 7 %, tools 19 %, toys 19 %, textiles 19 %, shoes 19 %, furniture 19 %, lamps 19 %, kitchenware 19 %, stationery 19 %, cosmetics 19 %, jewellery 19 %, bicycles 19 %, boats 19 %, sails 19 %, ropes 19 %, lanterns 19 %, anchors 19 %, compasses 19 %, charts 19 %, binoculars 19 %, oilskins 19 %, life vests 19 %, flares 19 %, paint 19 %, varnish 19 %, pumps 19 %, batteries 19 %, cables 19 %, solar panels 19 %, radios 19 %, antennas 19 %, and 212 more that were left out of this sentence, which should have been a structured field",
        "/v1/quotes",
        &[spot(
            "payments/tax/rules.py",
            "rule_for",
            97,
            "    for rule in rules:\n        if rule.takes(basket):\n            return rule\n>    raise VatRuleMissing(considered(rules))",
        )],
    )
    .reaching(17),
];
