//! `preprod_artifact.*`: a build of the app was looked at before it went out.

use crate::simulator::company::{ORGANIZATION, mobile};
use crate::simulator::moment;
use crate::simulator::payloads::{By, Sentry};
use crate::simulator::webhook::Webhook;
use serde_json::{Value, json};

/// `preprod_artifact.size_analysis_completed`.
pub fn size_analysis_completed(sentry: &mut Sentry, name: &str) -> Webhook {
    let data = json!({
        "buildId": build_id(sentry),
        "organizationSlug": ORGANIZATION,
        "projectSlug": mobile::MOBILE.slug,
        "platform": "APPLE",
        "state": "COMPLETED",
        "appInfo": app_info(sentry, name, "XCARCHIVE"),
        "gitInfo": git_info(sentry),
        "errorCode": null,
        "errorMessage": null,
        "downloadSize": 31_240_112,
        "installSize": 58_800_640,
        "analysisDuration": 18.5,
        "analysisVersion": "1.4.0",
        "baseBuildId": "2064",
        "baseAppInfo": app_info(sentry, name, "XCARCHIVE"),
        "comparisons": [{
            "metricsArtifactType": "MAIN_ARTIFACT",
            "identifier": null,
            "state": "SUCCESS",
            "errorCode": null,
            "errorMessage": null,
            "sizeMetricDiff": {
                "metricsArtifactType": "MAIN_ARTIFACT",
                "identifier": null,
                "headInstallSize": 58_800_640,
                "headDownloadSize": 31_240_112,
                "baseInstallSize": 57_100_288,
                "baseDownloadSize": 30_100_004,
            },
        }],
    });
    sentry.hook(
        "preprod_artifact",
        "size_analysis_completed",
        &data,
        By::Sentry,
    )
}

/// `preprod_artifact.build_distribution_completed`, which may have failed.
pub fn build_distribution_completed(sentry: &mut Sentry, name: &str, failed: bool) -> Webhook {
    let data = json!({
        "buildId": build_id(sentry),
        "organizationSlug": ORGANIZATION,
        "projectId": mobile::MOBILE.id.to_string(),
        "projectSlug": mobile::MOBILE.slug,
        "platform": "ANDROID",
        "state": if failed { "FAILED" } else { "COMPLETED" },
        "appInfo": app_info(sentry, name, "AAB"),
        "gitInfo": git_info(sentry),
        "buildConfiguration": "release",
        "isInstallable": !failed,
        "installUrl": null,
        "isCodeSignatureValid": null,
        "profileName": null,
        "codesigningType": null,
        "errorCode": failed.then_some("SIGNING_KEY_MISSING"),
        "errorMessage": failed.then_some("The upload key of this app is not known"),
    });
    sentry.hook(
        "preprod_artifact",
        "build_distribution_completed",
        &data,
        By::Sentry,
    )
}

fn build_id(sentry: &mut Sentry) -> String {
    (2_100 + sentry.random.below(900_000)).to_string()
}

fn app_info(sentry: &Sentry, name: &str, artifact: &str) -> Value {
    json!({
        "appId": "com.harborgoods.app",
        "name": name,
        "version": "3.9.1",
        "buildNumber": 391,
        "artifactType": artifact,
        "dateAdded": moment::offset(sentry.now_ms),
        "dateBuilt": moment::offset(sentry.now_ms - 95_000),
    })
}

fn git_info(sentry: &mut Sentry) -> Value {
    let repository = mobile::MOBILE.repository;
    json!({
        "headSha": sentry.random.hex40(),
        "baseSha": sentry.random.hex40(),
        "provider": "github",
        "headRepoName": repository,
        "baseRepoName": repository,
        "headRef": "gift-cards",
        "baseRef": "main",
        "prNumber": 318,
    })
}
