//! The app on the customers' phones.

use crate::simulator::company::{Fault, Language, Project, SHOP_TEAM, spot};

/// The project.
pub static MOBILE: Project = Project {
    id: 4_507_200_100_004,
    slug: "mobile-app",
    name: "Mobile App",
    prefix: "MOBILE-APP",
    platform: "react-native",
    language: Language::JavaScript,
    sdk: "sentry.javascript.react-native",
    sdk_version: "7.4.0",
    repository: "harbor-goods/mobile",
    team: &SHOP_TEAM,
    releases: &[
        "com.harborgoods.app@3.8.0+380",
        "com.harborgoods.app@3.8.1+381",
        "com.harborgoods.app@3.9.0+390",
    ],
    servers: &[],
};

/// What goes wrong in it.
pub static FAULTS: &[Fault] = &[
    Fault::error(
        &MOBILE,
        "TypeError",
        "null is not an object (evaluating 'route.params.sku')",
        "ProductScreen",
        &[spot(
            "app/screens/ProductScreen.tsx",
            "ProductScreen",
            26,
            "export function ProductScreen({ route }: Props) {\n>  const sku = route.params.sku;\n  const product = useProduct(sku);",
        )],
    )
    .reaching(96)
    .tagged(&[("os", "iOS 19.1"), ("device.family", "iPhone")]),
    Fault::error(
        &MOBILE,
        "Invariant Violation",
        "Text strings must be rendered within a <Text> component.",
        "BasketScreen",
        &[spot(
            "app/screens/BasketScreen.tsx",
            "Voucher",
            58,
            "function Voucher({ code }: { code: string }) {\n>  return <View>{code && <Badge label={code} />}</View>;\n}",
        )],
    )
    .level("fatal")
    .reaching(58),
    Fault::error(
        &MOBILE,
        "NetworkError",
        "Request to https://api.harborgoods.example/feed timed out after 15000 ms",
        "HomeScreen",
        &[spot(
            "app/net/request.ts",
            "request",
            44,
            "  const timer = setTimeout(() => abort.abort(), PATIENCE_MS);\n  try {\n>    return await send(url, abort.signal);\n  } finally {\n    clearTimeout(timer);\n  }",
        )],
    )
    .caught()
    .level("warning")
    .reaching(210),
    Fault::error(
        &MOBILE,
        "Error",
        "Keychain item is locked until first unlock",
        "LoginScreen",
        &[spot(
            "app/session/restore.ts",
            "restore",
            13,
            "export async function restore(): Promise<Session | null> {\n>  const token = await vault.read('session');\n  return token ? open(token) : null;\n}",
        )],
    )
    .caught()
    .reaching(15),
    Fault::error(
        &MOBILE,
        "RangeError",
        "Maximum call stack size exceeded",
        "SearchScreen",
        &[spot(
            "app/search/highlight.ts",
            "highlight",
            31,
            "export function highlight(text: string, words: string[]): Part[] {\n  const [word, ...rest] = words;\n>  return split(text, word).flatMap((part) => highlight(part, rest));\n}",
        )],
    )
    .reaching(5),
    Fault::error(
        &MOBILE,
        "ImageDecodeError",
        "could not decode banner-\u{6d77}\u{6e2f}-\u{1f3f4}\u{200d}\u{2620}\u{fe0f}.avif",
        "HomeScreen",
        &[spot(
            "app/media/Picture.tsx",
            "Picture",
            22,
            "  const onError = (problem: Problem) => {\n>    throw new ImageDecodeError(source.uri, problem);\n  };",
        )],
    )
    .level("warning")
    .reaching(33),
    Fault::error(
        &MOBILE,
        "PushTokenExpired",
        "the push service does not know this device any more",
        "background.sync",
        &[spot(
            "app/push/register.ts",
            "register",
            37,
            "  const answer = await announce(token);\n  if (answer.unknown) {\n>    throw new PushTokenExpired();\n  }",
        )],
    )
    .caught()
    .level("info")
    .reaching(71),
    Fault::error(
        &MOBILE,
        "AssertionError",
        "price tag and basket disagree: 24.00 EUR, 19.20 EUR",
        "BasketScreen",
        &[spot(
            "app/basket/check.ts",
            "check",
            17,
            "export function check(tag: Money, line: Line) {\n>  assert(equal(tag, line.price), `price tag and basket disagree: ${tag}, ${line.price}`);\n}",
        )],
    )
    .on("beta")
    .reaching(8),
    Fault::message(
        &MOBILE,
        "App was closed by the system: memory pressure",
        "CameraScreen",
    )
    .level("fatal")
    .reaching(44),
    Fault::error(
        &MOBILE,
        "StoreKitError",
        "purchase of gift card 50 ended in state 'deferred'",
        "GiftCardScreen",
        &[spot(
            "app/gift/buy.ts",
            "buy",
            29,
            "  const state = await store.purchase(item);\n  if (state !== 'done') {\n>    throw new StoreKitError(item, state);\n  }",
        )],
    )
    .reaching(3),
];
