//! The worker that packs and ships.

use crate::simulator::company::{Cause, Fault, Language, Project, WAREHOUSE_TEAM, spot};

/// The project.
pub static FULFILMENT: Project = Project {
    id: 4_507_200_100_003,
    slug: "fulfilment-worker",
    name: "Fulfilment Worker",
    prefix: "FULFILMENT-WORKER",
    platform: "python-celery",
    language: Language::Python,
    sdk: "sentry.python.celery",
    sdk_version: "2.40.1",
    repository: "harbor-goods/fulfilment",
    team: &WAREHOUSE_TEAM,
    releases: &[
        "fulfilment-worker@412",
        "fulfilment-worker@413",
        "fulfilment-worker@414",
        "fulfilment-worker@415",
    ],
    servers: &["dock-a", "dock-b"],
};

/// What goes wrong in it.
pub static FAULTS: &[Fault] = &[
    Fault::error(
        &FULFILMENT,
        "StockWentNegative",
        "HG-2210 Brass Lantern would have -3 pieces in bay 14",
        "fulfilment.tasks.reserve",
        &[
            spot(
                "fulfilment/tasks/reserve.py",
                "reserve",
                33,
                "@task(retries=5)\ndef reserve(order_id):\n    for line in lines(order_id):\n>        shelves.take(line.sku, line.count)",
            ),
            spot(
                "fulfilment/shelves.py",
                "take",
                71,
                "    left = bay.pieces - count\n    if left < 0:\n>        raise StockWentNegative(sku, left, bay)\n    bay.pieces = left",
            ),
        ],
    )
    .reaching(11),
    Fault::error(
        &FULFILMENT,
        "CarrierUnreachable",
        "3 tries to book a parcel with Gull Post failed",
        "fulfilment.tasks.book_parcel",
        &[spot(
            "fulfilment/carriers/gull.py",
            "book",
            54,
            "        except HTTPError as problem:\n            last = problem\n>    raise CarrierUnreachable(\"Gull Post\", tries) from last",
        )],
    )
    .because(Cause {
        kind: "HTTPError",
        value: "502 Server Error: Bad Gateway for url: https://api.gullpost.example/parcels",
        spots: &[spot(
            "fulfilment/carriers/http.py",
            "send",
            22,
            "def send(request):\n    answer = session.send(request, timeout=5)\n>    answer.raise_for_status()\n    return answer.json()",
        )],
    })
    .reaching(73),
    Fault::error(
        &FULFILMENT,
        "UnicodeEncodeError",
        "'latin-1' codec can't encode character '\u{141}' in position 4: ordinal not in range(256)",
        "fulfilment.tasks.print_label",
        &[spot(
            "fulfilment/labels/zpl.py",
            "field",
            17,
            "def field(x, y, text):\n>    raw = text.encode(\"latin-1\")\n    return b\"^FO%d,%d^FD%s^FS\" % (x, y, raw)",
        )],
    )
    .reaching(9),
    Fault::error(
        &FULFILMENT,
        "AttributeError",
        "'NoneType' object has no attribute 'postcode'",
        "fulfilment.tasks.print_label",
        &[spot(
            "fulfilment/labels/address.py",
            "lines",
            28,
            "def lines(order):\n    to = order.delivery_address\n>    return [to.name, to.street, f\"{to.postcode} {to.town}\"]",
        )],
    )
    .reaching(7),
    Fault::error(
        &FULFILMENT,
        "SoftTimeLimitExceeded",
        "SoftTimeLimitExceeded(120,)",
        "fulfilment.tasks.plan_tour",
        &[spot(
            "fulfilment/tours/planner.py",
            "improve",
            145,
            "    while not clock.spent():\n        left, right = pick_two(tour)\n>        tour = swap_if_shorter(tour, left, right)\n    return tour",
        )],
    )
    .level("warning")
    .reaching(0),
    Fault::error(
        &FULFILMENT,
        "MemoryError",
        "",
        "fulfilment.tasks.import_catalogue",
        &[spot(
            "fulfilment/catalogue/load.py",
            "load",
            39,
            "def load(path):\n    with open(path, \"rb\") as file:\n>        rows = list(read_rows(file))\n    return index(rows)",
        )],
    )
    .level("fatal")
    .reaching(0),
    Fault::error(
        &FULFILMENT,
        "ScannerLost",
        "hand scanner 7 has been silent for 900 s",
        "fulfilment.watch.scanners",
        &[spot(
            "fulfilment/watch/scanners.py",
            "check",
            20,
            "    for scanner in known():\n        if scanner.silence > LIMIT:\n>            raise ScannerLost(scanner.number, scanner.silence)",
        )],
    )
    .caught()
    .level("warning")
    .reaching(0),
    Fault::error(
        &FULFILMENT,
        "DeadlockDetected",
        "deadlock detected: process 4471 waits for ShareLock on transaction 90112",
        "fulfilment.tasks.reserve",
        &[spot(
            "fulfilment/shelves.py",
            "put_back",
            94,
            "def put_back(sku, count):\n    with db.transaction():\n>        bay = Bay.locked(sku)\n        bay.pieces += count",
        )],
    )
    .reaching(4),
    Fault::message(
        &FULFILMENT,
        "Queue parcels holds 5012 jobs, the oldest is 41 minutes old",
        "fulfilment.watch.queues",
    )
    .level("error"),
    Fault::error(
        &FULFILMENT,
        "JSONDecodeError",
        "Expecting value: line 1 column 1 (char 0)",
        "fulfilment.tasks.track_parcel",
        &[spot(
            "fulfilment/carriers/track.py",
            "position",
            46,
            "def position(parcel):\n    text = fetch(parcel.tracking_url)\n>    return json.loads(text)[\"position\"]",
        )],
    )
    .caught()
    .reaching(2),
];
