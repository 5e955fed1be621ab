//! The web shop that customers see.

use crate::simulator::company::{Fault, Language, Project, SHOP_TEAM, spot};

/// The project.
pub static STOREFRONT: Project = Project {
    id: 4_507_200_100_001,
    slug: "storefront",
    name: "Storefront",
    prefix: "STOREFRONT",
    platform: "javascript-react",
    language: Language::JavaScript,
    sdk: "sentry.javascript.react",
    sdk_version: "10.21.0",
    repository: "harbor-goods/storefront",
    team: &SHOP_TEAM,
    releases: &[
        "storefront@5.17.2",
        "storefront@5.18.0",
        "storefront@5.18.1",
        "storefront@5.19.0",
    ],
    servers: &[],
};

/// What goes wrong in it.
pub static FAULTS: &[Fault] = &[
    Fault::error(
        &STOREFRONT,
        "TypeError",
        "Cannot read properties of undefined (reading 'amount')",
        "/checkout",
        &[
            spot(
                "./src/checkout/PayButton.tsx",
                "onPay",
                61,
                "const onPay = async () => {\n  setBusy(true);\n>  const receipt = await payNow(basket);\n  navigate(`/thanks/${receipt.id}`);\n};",
            ),
            spot(
                "./src/checkout/totals.ts",
                "grandTotal",
                34,
                "export function grandTotal(basket: Basket): Money {\n  const shipping = basket.shipping;\n>  return addMoney(basket.goods, shipping.amount);\n}",
            ),
        ],
    )
    .reaching(184)
    .tagged(&[("flow", "express-checkout")]),
    Fault::error(
        &STOREFRONT,
        "ChunkLoadError",
        "Loading chunk 417 failed. (timeout: https://cdn.harborgoods.example/js/417.9f2c1.js)",
        "/product/:slug",
        &[spot(
            "./src/app/lazyPage.tsx",
            "lazyPage",
            12,
            "export const lazyPage = (load: Loader) =>\n  React.lazy(async () => {\n>    const page = await load();\n    return { default: page.Page };\n  });",
        )],
    )
    .reaching(47),
    Fault::error(
        &STOREFRONT,
        "RangeError",
        "Invalid time value",
        "/account/orders",
        &[
            spot(
                "./src/account/OrderRow.tsx",
                "OrderRow",
                23,
                "export function OrderRow({ order }: Props) {\n>  const day = formatDay(order.promisedAt);\n  return <tr><td>{day}</td><td>{order.state}</td></tr>;\n}",
            ),
            spot(
                "./src/format/day.ts",
                "formatDay",
                8,
                "const dayFormat = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });\n\nexport const formatDay = (text: string) =>\n>  dayFormat.format(new Date(text));",
            ),
        ],
    )
    .reaching(12),
    Fault::error(
        &STOREFRONT,
        "Error",
        "Search box rejected input: <script>alert(1)</script>",
        "/search",
        &[spot(
            "./src/search/parseQuery.ts",
            "parseQuery",
            19,
            "export function parseQuery(text: string): Query {\n  if (!ALLOWED.test(text)) {\n>    throw new Error(`Search box rejected input: ${text}`);\n  }\n  return tokens(text);\n}",
        )],
    )
    .caught()
    .reaching(3)
    .tagged(&[("query", "\"><img src=x onerror=alert(1)>"), ("link", "javascript:alert(document.cookie)")]),
    Fault::error(
        &STOREFRONT,
        "NotFoundError",
        "Failed to execute 'removeChild' on 'Node': The node to be removed is not a child of this node.",
        "/basket",
        &[spot(
            "./src/basket/Basket.tsx",
            "Basket",
            77,
            "  useEffect(() => {\n    const badge = document.getElementById('basket-badge');\n>    badge?.parentElement?.removeChild(stale.current);\n  }, [lines.length]);",
        )],
    )
    .reaching(21),
    Fault::error(
        &STOREFRONT,
        "ApiError",
        "POST /api/basket answered 503",
        "/basket",
        &[
            spot(
                "./src/basket/addLine.ts",
                "addLine",
                15,
                "export async function addLine(sku: string, count: number) {\n>  return post('/api/basket', { sku, count });\n}",
            ),
            spot(
                "./src/api/post.ts",
                "post",
                29,
                "  const answer = await fetch(path, { method: 'POST', body });\n  if (!answer.ok) {\n>    throw new ApiError(`POST ${path} answered ${answer.status}`);\n  }",
            ),
        ],
    )
    .level("warning")
    .caught()
    .reaching(63),
    Fault::error(
        &STOREFRONT,
        "SyntaxError",
        "Unexpected token '<', \"<!doctype \"... is not valid JSON",
        "/product/:slug",
        &[spot(
            "./src/product/useStock.ts",
            "useStock",
            40,
            "  const answer = await fetch(`/api/stock/${sku}`);\n>  const stock = await answer.json();\n  setStock(stock.available);",
        )],
    )
    .reaching(30),
    Fault::error(
        &STOREFRONT,
        "QuotaExceededError",
        "The quota has been exceeded. \u{2013} Speicher voll \u{1f6a2}\u{1f4a5} \u{645}\u{631}\u{62d}\u{628}\u{627} \u{202e}gnirts lortnoc",
        "/wishlist",
        &[spot(
            "./src/wishlist/remember.ts",
            "remember",
            11,
            "export function remember(list: Wish[]) {\n>  localStorage.setItem(KEY, JSON.stringify(list));\n}",
        )],
    )
    .caught()
    .level("info")
    .reaching(4),
    Fault::message(
        &STOREFRONT,
        "Content Security Policy blocked an inline style on the gift card page",
        "/gift-cards",
    )
    .reaching(8),
    Fault::error(
        &STOREFRONT,
        "Error",
        "Hydration failed because the server rendered text didn't match the client.",
        "/",
        &[spot(
            "./src/home/Countdown.tsx",
            "Countdown",
            18,
            "export function Countdown({ until }: Props) {\n>  const left = until - Date.now();\n  return <span className=\"countdown\">{clock(left)}</span>;\n}",
        )],
    )
    .on("staging")
    .reaching(2),
];
